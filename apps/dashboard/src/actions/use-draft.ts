import { useState } from 'react';

/** What somebody has begun to write, kept by the tab until it is sent: cards come and go while one scrolls or reloads. */
export function useDraft(name: string): [draft: string | undefined, write: (draft: string | undefined) => void] {
  const key = `draft ${name}`;
  const [draft, setDraft] = useState(() => sessionStorage.getItem(key) ?? undefined);
  return [
    draft,
    (next) => {
      setDraft(next);
      if (next === undefined) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
    },
  ];
}
