import { type RefObject, useEffect, useRef, useState } from 'react';

/** Near enough to be seen in a moment. */
const MARGIN = '200px';

/** Whether an element can be seen: what nobody sees needs no connection. */
export function useOnScreen<Seen extends HTMLElement>(): [RefObject<Seen | null>, boolean] {
  const element = useRef<Seen>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting === true), {
      rootMargin: MARGIN,
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, isSeen];
}
