import type { Config } from '@pco/shared/config';
import type { UpdatePreview } from '@pco/shared/contracts/http';
import type { Ticket } from '@pco/shared/domain';
import { writeBackSettings } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import { createStateCache, type PlaneClient, type PlaneState, type StateCache, targetState } from '@pco/shared/plane';
import { SECOND_MS } from '@pco/shared/time';

/** Somebody waits who types: Plane's answer is worth little later. */
const PATIENCE_MS = 3 * SECOND_MS;
/** How long an answer counts, a refusal as well: previews are asked for with every few letters. */
const ANSWER_MS = 15 * SECOND_MS;

type StatePreview = UpdatePreview['state'];
interface Known {
  readonly target: PlaneState;
  readonly states: readonly PlaneState[];
}

/** Where an update would move a work item, by name; Plane is asked at most once in a while for each project. */
export function createStatePreview(config: Config, plane: PlaneClient): (ticket: Ticket) => Promise<StatePreview> {
  const states = createStateCache(plane);
  const answers = new Map<string, { readonly at: number; readonly known: Promise<Known> }>();
  const ask = (projectId: string, wanted: string | undefined): Promise<Known> => {
    const key = `${projectId} ${wanted ?? ''}`;
    const last = answers.get(key);
    if (last && performance.now() - last.at < ANSWER_MS) return last.known;
    const known = read(states, projectId, wanted);
    answers.set(key, { at: performance.now(), known });
    return known;
  };
  return async (ticket) => {
    const { projectId, stateId } = ticket.workItem;
    try {
      const { target, states } = await ask(projectId, writeBackSettings(config, ticket).completed_state);
      const from = states.find(({ id }) => id === stateId)?.name ?? null;
      return { action: target.id === stateId ? 'stays' : 'set', name: target.name, from, why: null };
    } catch (err) {
      return { action: 'unknown', name: null, from: null, why: messageOf(err) };
    }
  };
}

async function read(states: StateCache, projectId: string, wanted: string | undefined): Promise<Known> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const target = await targetState(states, projectId, wanted, signal);
  return { target, states: await states.of(projectId, signal) };
}
