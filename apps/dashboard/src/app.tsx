import { ROUTES } from '@pco/shared/contracts/http';
import { useQuery } from '@tanstack/react-query';
import { CallError, call } from './call.ts';
import { Header } from './header.tsx';
import { Inbox } from './inbox/inbox.tsx';
import { Login } from './login.tsx';
import { Failure } from './parts/failure.tsx';
import { text } from './text.ts';
import { useFeed } from './use-feed.ts';

/** Whoever is not logged in sees nothing but the way in. */
export function App() {
  const me = useQuery({ queryKey: ['me'], queryFn: () => call(ROUTES.me) });
  if (me.error instanceof CallError && me.error.status === 401) return <Login />;
  if (me.data) return <Frame role={me.data.role} canLogOut={me.data.via === 'cookie'} />;
  if (me.error) return <Failure error={me.error} onRetry={() => void me.refetch()} />;
  return <p className="quiet">{text.loading}</p>;
}

function Frame({ role, canLogOut }: { readonly role: 'viewer' | 'operator' | 'admin'; readonly canLogOut: boolean }) {
  const isLive = useFeed();
  return (
    <>
      <Header canLogOut={canLogOut} />
      {isLive ? null : (
        <p className="stale" role="status">
          {text.stale}
        </p>
      )}
      <main>
        <Inbox role={role} />
      </main>
    </>
  );
}
