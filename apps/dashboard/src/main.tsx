import { notifyManager, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { CallError } from './call.ts';
import { inboxQuery } from './inbox/use-inbox-pages.ts';
import { App } from './shell/app.tsx';
import { meQuery } from './shell/me-query.ts';
import './shell/theme.ts';
import './styles.css';

const PATIENCE_MS = 200;
const POLL_MS = 15_000; // events tell sooner; this is for when they do not come

const queries = new QueryClient({
  defaultOptions: {
    // a browser that believes itself offline reaches this very host all the same; whoever does not answer says so
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      refetchInterval: POLL_MS,
      // a refusal does not change by asking again
      retry: (failures, err) => failures < 2 && !(err instanceof CallError && err.status >= 400 && err.status < 500),
    },
  },
});

// what has arrived is shown now and not with the next timer
notifyManager.setScheduler(queueMicrotask);
/**
 * What comes within a moment is shown at once, and not after a picture without it: with the page the api has had a
 * browser that it knows ask for both.
 */
const firstAnswers = (): Promise<unknown> =>
  Promise.all([queries.prefetchQuery(meQuery), queries.prefetchInfiniteQuery(inboxQuery(''))]);

const root = document.getElementById('root');
void Promise.race([firstAnswers(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).then(() => {
  if (root)
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </StrictMode>,
    );
});
