import { isDeepStrictEqual } from 'node:util';
import { isReloadable } from './reloadable.ts';

/** How a process stands to its configuration file. */
export interface ConfigState {
  /** Grows with every change that was taken: who keeps what it made of the configuration makes it anew. */
  version: number;
  reloads: number;
  refusals: number;
  /** Why the file as it is now is not used. */
  refused: string | null;
  /** Changed keys that count from the next start. */
  needRestart: readonly string[];
  lastReloadAt: number | null;
}

/** The configuration of a service: all of it, or the sections that it is to know. */
type Configuration = object;

const states = new WeakMap<Configuration, ConfigState>();

/** There is one for each configuration, from its first use on. */
export function configState(config: Configuration): ConfigState {
  const known = states.get(config);
  if (known) return known;
  const made = { version: 0, reloads: 0, refusals: 0, refused: null, needRestart: [], lastReloadAt: null };
  states.set(config, made);
  return made;
}

export interface Difference {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** So deep that each difference is one key; what lies below is one value. */
const DEPTH: Readonly<Record<string, number>> = { projects: 3 };

/** Keys that differ, with what they are in `next`; undefined for one that is gone. */
export function differences(before: Configuration, next: Configuration): Difference[] {
  const find = (a: unknown, b: unknown, path: readonly string[]): Difference[] => {
    if (isDeepStrictEqual(a, b)) return [];
    const depth = DEPTH[path[0] ?? ''] ?? 2;
    if (path.length >= depth || !(isSection(a) || isSection(b))) return [{ path, value: b }];
    const names = new Set([...Object.keys(isSection(a) ? a : {}), ...Object.keys(isSection(b) ? b : {})]);
    return [...names].flatMap((name) =>
      find(isSection(a) ? a[name] : undefined, isSection(b) ? b[name] : undefined, [...path, name]),
    );
  };
  return find(before, next, []);
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Lets what may change count at once, in the very object that everybody reads; the rest is named and left.
 *
 * @returns the keys that changed, and those that count from the next start
 */
export function applyReload<Live extends Configuration>(
  live: Live,
  next: Live,
): { changed: string[]; needRestart: string[] } {
  const all = differences(live, next);
  const taken = all.filter(({ path }) => isReloadable(path));
  for (const { path, value } of taken) setAt(live, path, value);
  const name = ({ path }: Difference) => path.join('.');
  return { changed: taken.map(name), needRestart: all.filter((one) => !taken.includes(one)).map(name) };
}

function setAt(tree: object, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const section = tree as Record<string, unknown>; // the configuration is plain data
  if (rest.length > 0) {
    if (!isSection(section[name])) section[name] = {};
    setAt(section[name] as object, rest, value); // made one just now, if it was none
    if (Object.keys(section[name] as object).length === 0 && !REQUIRED.has(name)) delete section[name];
  } else if (value === undefined) delete section[name];
  else section[name] = value;
}

/** Sections that are there even when they are empty. */
const REQUIRED: ReadonlySet<string> = new Set(['filters', 'projects']);
