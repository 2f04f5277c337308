import { ROUTES } from '@pco/shared/contracts/http';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { use } from 'react';
import { call } from '../call.ts';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import { Health } from './health.tsx';
import { MeContext } from './me.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

export function Header() {
  const { name, canLogOut } = use(MeContext);
  return (
    <header className="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-4 py-2">
      <p className="font-semibold">
        <span aria-hidden>⚡ </span>
        {text.product}
      </p>
      <Health />
      <span className="hidden text-sm text-quiet md:inline">{name}</span>
      <ThemeSwitch />
      {canLogOut ? <LogOut /> : null}
    </header>
  );
}

function LogOut() {
  const queries = useQueryClient();
  const logout = useMutation({
    mutationFn: () => call(ROUTES.logout),
    onSuccess: () => queries.resetQueries(),
  });
  return (
    <Button look="quiet" disabled={logout.isPending} onClick={() => logout.mutate()}>
      {text.logout}
    </Button>
  );
}
