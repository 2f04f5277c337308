import { useSyncExternalStore } from 'react';

const MOST = 4; // older ones go: they are read or will not be

interface Given {
  readonly title: string;
  readonly tone?: 'plain' | 'bad';
  readonly action?: { readonly label: string; onPress(): void };
  /** Infinity: until whoever showed it takes it away. */
  readonly durationMs?: number;
}
export interface Shown extends Given {
  readonly id: number;
}

let shown: readonly Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

function put(next: readonly Shown[]): void {
  shown = next;
  for (const tell of listeners) tell();
}
export const takeToast = (id: number): void => put(shown.filter((one) => one.id !== id));

/** A word in the corner of every page, for what no other place says. @returns what takes it away again */
export function showToast(given: Given): () => void {
  last += 1;
  const id = last;
  put([...shown.slice(1 - MOST), { ...given, id }]);
  return () => takeToast(id);
}

const listen = (tell: () => void): (() => void) => {
  listeners.add(tell);
  return () => listeners.delete(tell);
};

export const useShown = (): readonly Shown[] => useSyncExternalStore(listen, () => shown);
