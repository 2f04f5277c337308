import { ROUTES } from '@pco/shared/contracts/http';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from './call.ts';
import { text } from './text.ts';
import { ThemeSwitch } from './theme-switch.tsx';

export function Header({ canLogOut }: { readonly canLogOut: boolean }) {
  return (
    <header>
      <h1>{text.product}</h1>
      <Health />
      <ThemeSwitch />
      {canLogOut ? <LogOut /> : null}
    </header>
  );
}

/** Online, degraded or offline (B-184), with what is wrong. */
function Health() {
  const health = useQuery({ queryKey: ['health'], queryFn: () => call(ROUTES.health), refetchInterval: 5_000 });
  if (health.isPending) return null;
  if (health.isError)
    return (
      <p className="health offline" role="status">
        {text.health.offline}
      </p>
    );
  const { status, start_waits, write_stops, projects } = health.data;
  const reasons = [
    ...start_waits.map(({ why }) => why),
    ...write_stops.map(({ error }) => error),
    ...projects.flatMap(({ identifier, error }) => (error ? [`${identifier}: ${error}`] : [])),
  ];
  return status === 'healthy' ? (
    <p className="health online" role="status">
      {text.health.online}
    </p>
  ) : (
    <p className="health degraded" role="status" title={reasons.join('\n')}>
      {[text.health.degraded, ...reasons.slice(0, 1)].join(': ')}
    </p>
  );
}

function LogOut() {
  const queries = useQueryClient();
  const logout = useMutation({
    mutationFn: () => call(ROUTES.logout),
    onSuccess: () => queries.resetQueries(),
  });
  return (
    <button type="button" disabled={logout.isPending} onClick={() => logout.mutate()}>
      {text.logout}
    </button>
  );
}
