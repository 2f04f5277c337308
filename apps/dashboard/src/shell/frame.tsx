import { lazy, Suspense, useEffect } from 'react';
import { declaredIn } from '../declared.ts';
import { Attention } from '../inbox/attention.tsx';
import { InboxProvider } from '../inbox/use-inbox.tsx';
import { loadDialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/states.tsx';
import { useShown } from '../parts/toast.ts';
import { text } from '../text/index.ts';
import { turn } from './first-picture.ts';
import { Header } from './header.tsx';
import { BottomBar, SideBar } from './navigation.tsx';
import { PageBoundary } from './page-boundary.tsx';
import { Pages } from './pages.tsx';
import { useFeed } from './use-feed.ts';
import { useIsWide } from './use-is-wide.ts';

const loadToasts = () => import('../parts/toasts.tsx').then(({ Toasts }) => ({ default: Toasts }));
const Toasts = lazy(loadToasts);
/** What shows itself only when something happens is there by then. */
const loadRest: readonly (() => Promise<unknown>)[] = [() => declaredIn('decisions'), loadToasts, loadDialog];

/** What stands around every page: header, navigation (beside it, or below it on a phone: B-175, B-176), and whether all is live. */
export function Frame() {
  const isLive = useFeed();
  const isWide = useIsWide();
  const hasToasts = useShown().length > 0;
  useEffect(() => {
    for (const load of loadRest)
      void turn()
        .then(load)
        .catch(() => undefined); // it is tried again when it is needed
  }, []);
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
          {isWide ? <SideBar /> : null}
          <main id="content" tabIndex={-1} className="min-w-0 flex-1 pb-20 outline-none md:pb-0">
            <PageBoundary>
              <Suspense fallback={<Loading />}>
                <Pages />
              </Suspense>
            </PageBoundary>
          </main>
        </div>
        {isWide ? null : <BottomBar />}
        <Attention />
        <Suspense>{hasToasts ? <Toasts /> : null}</Suspense>
      </div>
    </InboxProvider>
  );
}
