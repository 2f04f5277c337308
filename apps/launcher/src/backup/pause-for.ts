import { SECOND_MS } from '@pco/shared/time';

const LEAST_MS = 8 * SECOND_MS;
/** Longer, and jobs that are worked on are taken for those of a dead worker. */
const MOST_MS = 20 * SECOND_MS;
/** A quiet machine needs a tenth of it. */
const MS_PER_KEY = 0.25;

/** How long writers may wait while so many keys are read. It is a limit: they go on as soon as all is read. */
export const pauseFor = (keys: number): number => Math.min(MOST_MS, Math.max(LEAST_MS, keys * MS_PER_KEY));
