import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ATTENDED, BUDGET, KEEP_MS, policyFor, UNATTENDED } from './testing/fixtures.ts';
import { anyMove, cooperate, workOff } from './testing/moves.ts';
import { World } from './testing/world.ts';
import { FINAL, type Status } from './ticket-status.ts';
import { SUPERVISED } from './workflow.ts';

const SOAK = Number(process.env.PCO_SOAK_FACTOR ?? 1);
const TIMEOUT_MS = 240_000 * SOAK; // a busy machine needs twenty times what a quiet one does
const ENOUGH_STEPS = 60;
/** An end that is planned for later, and one that is under way at once. */
const anyKeep = fc.constantFrom(KEEP_MS, 0);
const anyWorkflow = fc.constantFrom(SUPERVISED, SUPERVISED, UNATTENDED, ATTENDED);

/** The rules that hold at every step are the ledger's, which every world keeps. */
function endsWell(world: World): void {
  if (!world.loaded.ticket) return;
  let steps = 0;
  const step = (): void => assert.ok(++steps <= ENOUGH_STEPS, `${ENOUGH_STEPS} steps of goodwill end ${world.status}`);
  for (; !FINAL.has(world.status); step()) cooperate(world);
  while (workOff(world)) step();
  assert.deepEqual([...world.ledger.slots], [], 'a finished ticket frees its slots');
}

test('whatever happens in whatever order, every rule holds and the ticket can still be brought to its end', {
  timeout: TIMEOUT_MS,
}, () => {
  const reached = new Map<Status, number>();
  fc.assert(
    fc.property(
      anyWorkflow,
      anyKeep,
      fc.array(anyMove('short'), { maxLength: 40, size: 'max' }),
      (workflow, keepMs, moves) => {
        const world = new World({ ...policyFor(workflow, BUDGET), keepMs });
        for (const move of moves) {
          move(world);
          if (world.loaded.ticket) reached.set(world.status, (reached.get(world.status) ?? 0) + 1);
        }
        endsWell(world);
      },
    ),
    { numRuns: 600 * SOAK },
  );
  const ours: Status[] = ['pending', 'approved', 'starting', 'active', 'waiting', 'completed', 'updating', 'done'];
  expect([...reached.keys()]).toEqual(expect.arrayContaining([...ours, 'failed', 'cancelled']));
});

test('with the longest texts that anybody may send, every record can still be stored', { timeout: TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(anyWorkflow, fc.array(anyMove('longest'), { maxLength: 25, size: 'max' }), (workflow, moves) => {
      const world = new World(policyFor(workflow, BUDGET));
      for (const move of moves) move(world);
      endsWell(world);
    }),
    { numRuns: 40 * SOAK },
  );
});
