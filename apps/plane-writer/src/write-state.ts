import { type EffectHandler, projectSection } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { type PlaneState, pickCompletedState } from '@pco/shared/plane';
import { HOUR_MS, MINUTE_MS } from '@pco/shared/time';
import { readWorkItem, type Writer } from './writer.ts';

const STATES_MS = 10 * MINUTE_MS; // states are renamed by hand, rarely
/** How long the poller recognises a state change as ours. */
const OWN_STATE_MS = HOUR_MS;

/** Moves the work item to the state that means "an agent has finished". Repeating it changes nothing. */
export function createWriteState(writer: Writer): EffectHandler {
  const { config, core, plane } = writer;
  const cache = new Map<string, { at: number; states: readonly PlaneState[] }>();
  const statesOf = async (projectId: string, signal: AbortSignal) => {
    const known = cache.get(projectId);
    if (known && performance.now() - known.at < STATES_MS) return known.states;
    const states = await plane.listStates(projectId, { signal });
    cache.set(projectId, { at: performance.now(), states });
    return states;
  };
  return async (work) => {
    const { ticket, log, signal } = work;
    const { projectId, uuid, stateId } = ticket.workItem;
    const item = await readWorkItem(writer, ticket, signal);
    const wanted = projectSection(config, ticket.workItem)?.completed_state ?? config.plane.completed_state;
    const find = async () => pickCompletedState(await statesOf(projectId, signal), wanted);
    let target = await find();
    if (!target) {
      cache.delete(projectId); // perhaps it was made a moment ago
      target = await find();
    }
    if (!target) {
      const why = wanted ? `"${wanted}"; correct completed_state` : 'neither "In Review" nor one of the group started';
      throw new AppError('PLANE_STATE_UNKNOWN', { why });
    }
    if (item.state.id === target.id) return { stateId: target.id };
    if (stateId !== null && item.state.id !== stateId)
      return { stateId: item.state.id, warning: 'somebody moved the work item meanwhile; its state was left alone' };
    if (!(await work.stillOpen())) return undefined;
    // before the change, so that whatever the poller sees first, it knows whose it is
    await core.redis.client.set(core.redis.keys.ownState(uuid), target.id, 'PX', OWN_STATE_MS);
    await plane.updateState(projectId, uuid, target.id, { signal });
    log.info({ event: 'plane.state-written', state: target.name }, 'state written');
    return { stateId: target.id };
  };
}
