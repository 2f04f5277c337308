import { Suspense } from 'react';
import { Attention } from '../inbox/attention.tsx';
import { InboxProvider } from '../inbox/use-inbox.tsx';
import { Loading } from '../parts/states.tsx';
import { Toasts } from '../parts/toast.tsx';
import { text } from '../text/index.ts';
import { Header } from './header.tsx';
import { BottomBar, SideBar } from './navigation.tsx';
import { PageBoundary } from './page-boundary.tsx';
import { Pages } from './pages.tsx';
import { useFeed } from './use-feed.ts';

/** What stands around every page: header, navigation (beside it, or below it on a phone: B-175, B-176), and whether all is live. */
export function Frame() {
  const isLive = useFeed();
  return (
    <InboxProvider>
      <div className="flex min-h-dvh flex-col">
        <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-surface focus:p-3">
          {text.skipToContent}
        </a>
        <Header />
        {isLive ? null : (
          <p className="border-b border-line bg-warn/12 px-4 py-1.5 text-sm text-warn" role="status">
            {text.stale}
          </p>
        )}
        <div className="flex min-w-0 flex-1">
          <SideBar />
          <main id="content" tabIndex={-1} className="min-w-0 flex-1 pb-20 outline-none md:pb-0">
            <PageBoundary>
              <Suspense fallback={<Loading />}>
                <Pages />
              </Suspense>
            </PageBoundary>
          </main>
        </div>
        <BottomBar />
        <Attention />
        <Toasts />
      </div>
    </InboxProvider>
  );
}
