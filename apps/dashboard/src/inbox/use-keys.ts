import { type RefObject, useLayoutEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { keyPressed } from './keys.ts';

interface HelpState {
  readonly isOpen: boolean;
  onClose(): void;
}

/** Listens while the inbox is shown; `?` opens the help. */
export function useKeys(list: RefObject<HTMLElement | null>, filter: RefObject<HTMLElement | null>): HelpState {
  const [isOpen, setOpen] = useState(false);
  const [, navigate] = useLocation();
  // as soon as the cards stand there, and not after the browser has painted them
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      keyPressed(event, {
        list: list.current,
        filter: filter.current,
        openTicket: (id) => navigate(`/tickets/${id}`),
        openHelp: () => setOpen(true),
      });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [list, filter, navigate]);
  return { isOpen, onClose: () => setOpen(false) };
}
