import './zod-without-eval.ts';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { CallError } from './call.ts';
import { App } from './shell/app.tsx';
import './styles.css';

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

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
