import { accessRoutes } from '@pco/shared/contracts/http/access';
import { useQuery } from '@tanstack/react-query';
import { Router } from 'wouter';
import { CallError, call } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/states.tsx';
import { Frame } from './frame.tsx';
import { Login } from './login.tsx';
import { MeContext } from './me.tsx';

/** Under which path the api serves the page. */
const BASE = '/dashboard';

async function askWho() {
  try {
    const me = await call(accessRoutes.me);
    window.early?.letIn(true);
    return me;
  } catch (err) {
    window.early?.letIn(false);
    throw err;
  }
}

/** Whoever is not logged in sees nothing but the way in. */
export function App() {
  const me = useQuery({ queryKey: ['me'], queryFn: askWho });
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
