import { useQuery } from '@tanstack/react-query';
import { Router } from 'wouter';
import { CallError } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/states.tsx';
import { Frame } from './frame.tsx';
import { Login } from './login.tsx';
import { MeContext } from './me.tsx';
import { meQuery } from './me-query.ts';

/** Under which path the api serves the page. */
const BASE = '/dashboard';

/** Whoever is not logged in sees nothing but the way in. */
export function App() {
  const me = useQuery(meQuery);
  if (me.error instanceof CallError && me.error.status === 401) return <Login />;
  if (me.data) {
    const { name, role, via, can_dictate: canDictate } = me.data;
    return (
      <MeContext value={{ name, role, canLogOut: via === 'cookie', canDictate }}>
        <Router base={BASE}>
          <Frame />
        </Router>
      </MeContext>
    );
  }
  if (me.error) return <Failure error={me.error} onRetry={() => void me.refetch()} />;
  return <Loading />;
}
