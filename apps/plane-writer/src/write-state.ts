import { type EffectHandler, type EffectResult, type Work, writeBackSettings } from '@pco/shared/engine';
import { isCode } from '@pco/shared/errors';
import { createStateCache, type StateCache, targetState } from '@pco/shared/plane';
import { HOUR_MS } from '@pco/shared/time';
import { readWorkItem, type Writer } from './writer.ts';

/** How long the poller recognises a state change as ours. */
const OWN_STATE_MS = HOUR_MS;

/** Moves the work item to the state that means "an agent has finished". Repeating it changes nothing. */
export function createWriteState(writer: Writer): EffectHandler {
  const states = createStateCache(writer.plane);
  return async (work) => {
    try {
      return await writeState(writer, states, work);
    } catch (err) {
      // the work item vanished after we looked; or the state that we remembered did, which is a 400 like any other
      const isOutdated = isCode(err, 'PLANE_REFUSED') && states.forget(work.ticket.workItem.projectId);
      if (!isOutdated && !isCode(err, 'PLANE_NOT_FOUND')) throw err;
      return writeState(writer, states, work);
    }
  };
}

async function writeState(writer: Writer, states: StateCache, work: Work): Promise<EffectResult | undefined> {
  const { config, core, plane } = writer;
  const { ticket, log, signal } = work;
  const { projectId, uuid, stateId } = ticket.workItem;
  const item = await readWorkItem(writer, ticket, signal);
  const wanted = writeBackSettings(config, ticket).completed_state;
  const target = await targetState(states, projectId, wanted, signal);
  if (item.state.id === target.id) return { stateId: target.id };
  if (stateId !== null && item.state.id !== stateId)
    return { stateId: item.state.id, warning: 'somebody moved the work item meanwhile; its state was left alone' };
  if (!(await work.stillOpen())) return undefined;
  // before the change, so that whatever the poller sees first, it knows whose it is
  const { client, keys, replicas } = core.redis;
  await replicas.kept(() => client.set(keys.ownState(uuid), target.id, 'PX', OWN_STATE_MS));
  await plane.updateState(projectId, uuid, target.id, { signal });
  log.info({ event: 'plane.state-written', state: target.name }, 'state written');
  return { stateId: target.id };
}
