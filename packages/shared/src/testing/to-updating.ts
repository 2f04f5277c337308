import { by, type CoreFixture, RUNNER, type Told, workItem } from './core-fixture.ts';

export interface FinishedItem {
  /** `ACME-16`, which is the ticket too. */
  readonly key: string;
  readonly uuid: string;
  readonly projectId: string;
  readonly project: string;
  /** Where the work item was when it was triggered. */
  readonly stateId: string | null;
  readonly summary: string;
  /** Id of the request that approves the summary. */
  readonly request?: string;
  /** Of what the session has produced. */
  readonly result?: Extract<Told, { type: 'effect.done' }>['result'];
}

/** Everything from the trigger to the second approval: from here on the result is written to Plane. */
export async function toUpdating(
  core: CoreFixture,
  { key, summary, request, result = {}, ...item }: FinishedItem,
): Promise<void> {
  const tell = (told: Told) => core.change({ ...told, id: crypto.randomUUID(), ticketId: key });
  await tell({ type: 'trigger.seen', workItem: workItem(item), trigger: { type: 'new_ticket' }, description: '' });
  await tell({ type: 'person.approved', by });
  const claim = { runner: RUNNER, capacity: 10_000, tokenHash: '0'.repeat(64) };
  await tell({ type: 'slot.claimed', effectId: await core.openId('session.assign', key), ...claim });
  const start = await core.openId('session.start', key);
  await tell({ type: 'effect.done', effectId: start, result: { branch: `pco/${key}`, worktree: '/nowhere' } });
  const sessionId = (await core.ticket(key)).session?.id ?? '';
  await tell({ type: 'completion.signalled', sessionId, summary, channel: 'file' });
  await tell({ type: 'effect.done', effectId: await core.openId('completion.collect', key), result });
  await tell({ type: 'effect.done', effectId: await core.openId('session.stop', key), result: { exitCode: 0 } });
  await tell({ type: 'person.update_approved', by, ...(request === undefined ? {} : { cid: request }) });
}
