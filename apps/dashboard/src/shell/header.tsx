import { Zap } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { text } from '../text/index.ts';
import { AccountButton } from './account-button.tsx';
import { Health } from './health.tsx';

const loadMenu = () => import('./account-menu.tsx').then(({ AccountMenu }) => ({ default: AccountMenu }));
const AccountMenu = lazy(loadMenu);

export const Header = () => (
  <header className="flex min-h-14 items-center gap-3 border-b border-line bg-surface px-4 py-1">
    <p className="flex items-center gap-1.5 font-semibold whitespace-nowrap">
      <Zap size={18} className="fill-warn text-warn" aria-hidden />
      {text.product}
    </p>
    <Health />
    <Account />
  </header>
);

/** The menu itself comes when somebody is about to open it. */
function Account() {
  const [wasOpened, setWasOpened] = useState(false);
  const load = () => void loadMenu().catch(() => undefined); // whoever opens it is told
  const closed = (
    <AccountButton
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={load}
      onFocus={load}
      onClick={() => setWasOpened(true)}
    />
  );
  return wasOpened ? (
    <Suspense fallback={closed}>
      <AccountMenu />
    </Suspense>
  ) : (
    closed
  );
}
