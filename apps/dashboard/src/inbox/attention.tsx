import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { countInWindow } from '../parts/window-title.ts';
import { text } from '../text/index.ts';
import { isNotifying } from './notify.ts';
import { useInbox } from './use-inbox.tsx';

/** On every page: how many wait stands in the window's title and icon, and who asked for it is told of new ones. */
export function Attention() {
  const { cards, isLoading } = useInbox();
  const [, navigate] = useLocation();
  useEffect(() => countInWindow(cards.length), [cards.length]);
  const known = useRef<ReadonlySet<string>>(undefined);
  useEffect(() => {
    if (isLoading) return;
    const seen = known.current;
    known.current = new Set(cards.map(({ ticket, kind }) => `${ticket.id} ${kind} ${ticket.status_since}`));
    if (!seen || !document.hidden || !isNotifying()) return;
    for (const { ticket, kind } of cards) {
      if (seen.has(`${ticket.id} ${kind} ${ticket.status_since}`)) continue;
      const told = new Notification(`${ticket.id}: ${text.inbox.kinds[kind]}`, { body: ticket.title, tag: ticket.id });
      told.onclick = () => {
        window.focus();
        navigate(`/tickets/${ticket.id}`);
      };
    }
  }, [cards, isLoading, navigate]);
  return null;
}
