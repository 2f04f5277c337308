import { useSyncExternalStore } from 'react';

const wide = matchMedia('(min-width: 48rem)'); // as `md:` of the styles

function listen(tell: () => void): () => void {
  wide.addEventListener('change', tell);
  return () => wide.removeEventListener('change', tell);
}

/** Room for more than a phone has. */
export const useIsWide = (): boolean => useSyncExternalStore(listen, () => wide.matches);
