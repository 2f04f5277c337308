import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { countInIcon, countInWindow } from '../parts/window-title.ts';
import { useTurn } from '../shell/first-picture.ts';
import { text } from '../text/index.ts';
import { isNotifying } from './notify.ts';
import { useInbox } from './use-inbox.tsx';

/** On every page: how many wait stands in the window's title and icon, and who asked for it is told of new ones. */
export function Attention() {
  const { first, total } = useInbox();
  const [, navigate] = useLocation();
  const isTime = useTurn();
  useEffect(() => countInWindow(total), [total]);
  useEffect(() => (isTime ? countInIcon(total) : undefined), [isTime, total]);
  const latest = first?.latest;
  const seenUntil = useRef<string>(undefined);
  useEffect(() => {
    if (!latest) return;
    const before = seenUntil.current;
    const newest = latest[0]?.status_since ?? '';
    seenUntil.current = before !== undefined && before > newest ? before : newest;
    if (before === undefined || !document.hidden || !isNotifying()) return;
    for (const { id, kind, title, status_since } of latest) {
      if (status_since <= before) continue;
      const told = new Notification(`${id}: ${text.inbox.kinds[kind]}`, { body: title, tag: id });
      told.onclick = () => {
        window.focus();
        navigate(`/tickets/${id}`);
      };
    }
  }, [latest, navigate]);
  return null;
}
