/** A column of a project's board. */
export interface PlaneState {
  readonly id: string;
  readonly name: string;
  /** backlog, unstarted, started, completed or cancelled: unlike the name it never changes its meaning. */
  readonly group: string;
  readonly sequence: number;
  readonly isDefault: boolean;
}

const REVIEW = 'In Review';

/**
 * The state that a finished work item moves to (B-102). `wanted` is an exact name, a UUID or `group:<group>`, names
 * first. Without it: In Review where the project has one, else the first started state, never a completed one,
 * because a person has to look at the work. `undefined` = the project has no such state, which is an error to show.
 */
export function pickCompletedState(states: readonly PlaneState[], wanted?: string): PlaneState | undefined {
  if (wanted === undefined) {
    const review = states.find(({ name, group }) => name === REVIEW && group !== 'completed');
    return review ?? firstOf(states, 'started');
  }
  const named = states.find(({ name }) => name === wanted);
  if (named) return named;
  const [, group] = /^group:(.+)$/.exec(wanted) ?? [];
  return group ? firstOf(states, group) : states.find(({ id }) => id.toLowerCase() === wanted.toLowerCase());
}

const firstOf = (states: readonly PlaneState[], group: string): PlaneState | undefined =>
  states.filter((state) => state.group === group).sort((a, b) => a.sequence - b.sequence)[0];
