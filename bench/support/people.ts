import { createApply, createDispatch, createPolicies } from '@pco/shared/engine';
import { createLogger } from '@pco/shared/log';
import { Agent, request } from 'undici';
import type { LoopStack } from './loop-stack.ts';

/** People who decide as fast as the loop takes it. */
export interface People extends AsyncDisposable {
  approve(ticketId: string): Promise<void>;
  sendToPlane(ticketId: string): Promise<void>;
}

/** Over the api, at most so many requests under way. */
export function peopleOverApi({ apiUrl }: LoopStack, side: number): People {
  const dispatcher = new Agent({ connections: side });
  const post = async (path: string, body?: object): Promise<void> => {
    const { statusCode, body: answer } = await request(`${apiUrl}${path}`, {
      method: 'POST',
      dispatcher,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`POST ${path} was answered with ${statusCode}: ${text}`);
  };
  return {
    approve: (id) => post(`/api/approve/${id}?wait=0`),
    sendToPlane: (id) => post(`/api/update-plane/${id}?wait=0`, { summary: summaryOf(id) }),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}

/** Straight to the core, as the api does behind its HTTP. */
export function peopleAtTheCore({ store, queues, config }: LoopStack): People {
  const log = createLogger('bench', 'silent');
  const dispatch = createDispatch({ store, queues, log });
  const apply = createApply({ store, dispatch, policyOf: createPolicies(config, 'bench'), log, graceMs: 2_000 });
  const say = async (
    id: string,
    what: { type: 'person.approved' } | { type: 'person.update_approved'; summary: string },
  ) => {
    const said = { id: `req-${crypto.randomUUID()}`, ticketId: id, cid: crypto.randomUUID(), by: 'bench' };
    const { kind } = await apply({ ...said, ...what }, { once: true });
    if (kind !== 'changed') throw new Error(`${what.type} of ${id} was ${kind}`);
  };
  return {
    approve: (id) => say(id, { type: 'person.approved' }),
    sendToPlane: (id) => say(id, { type: 'person.update_approved', summary: summaryOf(id) }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const summaryOf = (id: string): string => `Nothing was done for ${id}.`;
