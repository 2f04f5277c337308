import { Inbox, List, ListChecks, type LucideIcon, Server, SquareTerminal, Zap } from 'lucide-react';
import { useLocation } from 'wouter';
import { useInbox } from '../inbox/use-inbox.tsx';
import { Link } from '../parts/link.tsx';
import { useRunning } from '../terminals/use-running.ts';
import { text } from '../text/index.ts';
import { useTurn } from './first-picture.ts';
import { useMay } from './me.tsx';

interface Place {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly count?: number;
  /** Not under the thumb: who needs it is led there by others. */
  readonly isRare?: boolean;
}

interface Shown extends Place {
  /** Also when a page below it is shown. */
  readonly isHere: boolean;
}

const isAt = (address: string, path: string): boolean =>
  address === path || (path !== '/' && address.startsWith(`${path}/`));

/** The pages that one can always go to, with how many wait there. */
function usePlaces(): readonly Shown[] {
  const [address] = useLocation();
  const { total, first } = useInbox();
  const { tickets } = useRunning(useTurn());
  const mayLook = useMay('operator');
  const places: Place[] = [
    { path: '/', label: text.nav.inbox, icon: Inbox, count: total },
    { path: '/automation', label: text.nav.automation, icon: Zap, count: first?.pending ?? 0 },
    { path: '/terminals', label: text.nav.terminals, icon: SquareTerminal, count: tickets.length },
    { path: '/tickets', label: text.nav.tickets, icon: List },
    { path: '/fleet', label: text.nav.fleet, icon: Server },
    ...(mayLook ? [{ path: '/setup', label: text.nav.setup, icon: ListChecks, isRare: true }] : []),
  ];
  return places.map((place) => ({ ...place, isHere: isAt(address, place.path) }));
}

export function SideBar() {
  const places = usePlaces();
  return (
    <nav aria-label={text.nav.label} className="sticky top-0 h-dvh w-48 shrink-0 border-r border-line p-3">
      <ul className="grid gap-1">
        {places.map((place) => (
          <li key={place.path}>
            <PlaceLink place={place} className="flex items-center gap-3 rounded-md px-3 py-2 text-sm" />
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** On a phone, under the thumb (B-176). */
export function BottomBar() {
  const places = usePlaces().filter(({ isRare }) => !isRare);
  return (
    <nav
      aria-label={text.nav.label}
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)]"
    >
      <ul className="flex">
        {places.map((place) => (
          <li key={place.path} className="min-w-0 flex-1">
            <PlaceLink
              place={place}
              className="relative flex min-h-14 flex-col items-center justify-center gap-0.5 px-1 text-xs"
            />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PlaceLink({ place, className }: { readonly place: Shown; readonly className: string }) {
  const { path, label, icon: Icon, count = 0, isHere } = place;
  return (
    <Link
      href={path}
      aria-current={isHere ? 'page' : undefined}
      className={`${className} ${isHere ? 'bg-raised font-semibold text-ink' : 'text-quiet hover:bg-raised hover:text-ink'}`}
    >
      <Icon size={18} aria-hidden />
      <span className="truncate">{label}</span>
      {count > 0 ? (
        <span className="rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent max-md:absolute max-md:top-1 max-md:left-[55%] md:ml-auto">
          {count}
        </span>
      ) : null}
    </Link>
  );
}
