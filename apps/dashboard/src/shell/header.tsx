import { text } from '../text/index.ts';
import { AccountMenu } from './account-menu.tsx';
import { Health } from './health.tsx';

export const Header = () => (
  <header className="flex min-h-14 items-center gap-3 border-b border-line bg-surface px-4 py-1">
    <p className="font-semibold whitespace-nowrap">
      <span aria-hidden>⚡ </span>
      {text.product}
    </p>
    <Health />
    <AccountMenu />
  </header>
);
