import { join } from 'node:path';
import type { ItemDump, PlaneEmulator } from '@pco/plane-emulator';
import { readConfig } from '@pco/shared/config';
import { openCore } from '@pco/shared/engine';
import { OWN_SOURCE, parseMicros } from '@pco/shared/plane';
import { silentLog, toUpdating, wrapCore } from '@pco/shared/testing';
import { pause } from '@pco/shared/time';
import { expect, test } from 'vitest';
import { PROJECT, startPlaneSide } from './support/plane-side.ts';
import type { ServiceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';

// Results go to Plane while it fails one request in five in every way it knows and the writers are killed at random:
// every ticket gets its comment, once, and then its state. The soak takes the full size. Plane's window and our budget
// are scaled alike, so that it takes seconds instead of an hour.

const TICKETS = Number(process.env.PCO_WRITE_BACKS ?? 40);
const WINDOW_MS = process.env.PCO_WRITE_BACKS ? 6_000 : 2_000;
const LIMIT = 60; // Plane's own: requests of one key in a window
const FAILING = 0.2;
const KILL_EVERY_MS = 4_000;
/** How long Plane leaves a request without an answer before its connection is lost. */
const HANG_MS = 400;

const FAULTS = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' },
  { kind: 'error-after-commit' },
  { kind: 'drop', when: 'before' },
  { kind: 'drop', when: 'after' },
  { kind: 'hang', ms: HANG_MS, when: 'before' },
  { kind: 'hang', ms: HANG_MS, when: 'after' },
  { kind: 'rate-limit', retryAfterSeconds: 0 },
  { kind: 'not-json' },
  { kind: 'truncated' },
] as const satisfies readonly Parameters<PlaneEmulator['fault']>[0][];

/** Each kind as often as the others; the first that fits is taken, so each is asked with the same small chance. */
function breakPlane(emulator: PlaneEmulator): void {
  const probability = 1 - (1 - FAILING) ** (1 / FAULTS.length);
  for (const fault of FAULTS) emulator.fault({ ...fault, probability, times: 'always', pathPattern: '^/api/v1/' });
}

/** Kills one of them after the other, and starts it again, until it is disposed of. */
function keepKilling(victims: readonly ServiceProcess[]) {
  const stop = new AbortController();
  let kills = 0;
  const running = (async () => {
    for (;;) {
      await pause(Math.random() * 2 * KILL_EVERY_MS, stop.signal);
      if (stop.signal.aborted) return;
      const victim = victims[Math.floor(Math.random() * victims.length)];
      await victim?.kill();
      victim?.start();
      kills += 1;
    }
  })();
  return {
    kills: () => kills,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

test(
  `${TICKETS} write-backs, writers killed and one request in five failing: one comment each, and then its state`,
  async () => {
    await using side = await startPlaneSide({
      pollers: 1,
      writers: 2,
      plane: {
        poll_interval: 600,
        requests_per_minute: 50,
        budget_window_seconds: WINDOW_MS / 1_000,
        lost_answer_wait: (2 * HANG_MS) / 1_000,
      },
      settings: { rateLimit: { limit: LIMIT, windowMs: WINDOW_MS }, bumpDelayMs: 20, latencyMs: 20 },
      prepare: (emulator) => void emulator.createItems({ project: PROJECT, count: TICKETS, state: 'Todo' }),
    });
    const { emulator, store } = side;
    await using opened = await openCore(
      readConfig({ env: { PCO_CONFIG: join(side.dir, 'config.yaml') }, argv: [], cwd: side.dir }),
      silentLog,
      'wait',
    );
    const core = wrapCore(opened);
    breakPlane(emulator);
    await using killer = keepKilling(side.writers);
    const items = emulator.state(PROJECT);
    for (const { id: uuid, key, projectId } of items)
      await toUpdating(core, { key, uuid, projectId, project: PROJECT, stateId: null, summary: `Result of ${key}` });

    const unfinished = async () => items.length - ((await store.counts()).done ?? 0);
    await until('every result is in Plane', async () => (await unfinished()) === 0, 60_000 + TICKETS * 2_000);
    emulator.clearFaults();

    for (const item of emulator.state(PROJECT)) expectWrittenOnce(item);
    for (const { key } of items) expect((await core.ticket(key)).reason, key).toBeUndefined();
    expect(killer.kills()).toBeGreaterThan(1);
    const requests = emulator.requests();
    const failed = requests.filter(({ faultApplied }) => faultApplied !== null).length;
    expect(failed / requests.length).toBeGreaterThan(FAILING / 2);
    expect(emulator.busiestWindow(WINDOW_MS)).toBeLessThanOrEqual(LIMIT);
    expect(requests.filter(({ status, faultApplied }) => status === 429 && faultApplied === null)).toEqual([]);
    console.log(
      `write-back: ${TICKETS} tickets, ${killer.kills()} kills, ${failed} of ${requests.length} requests failed`,
    );
  },
  120_000 + TICKETS * 4_000,
);

/** One comment of ours, never a second one, and the state after it. */
function expectWrittenOnce(item: ItemDump): void {
  const ours = item.comments.filter(({ externalSource }) => externalSource === OWN_SOURCE);
  expect(ours, item.key).toHaveLength(1);
  expect(ours[0]?.html, item.key).toContain(`Result of ${item.key}<`);
  const moves = item.stateHistory.filter(({ to }) => to === item.state);
  expect(item.state, item.key).toBe('In Progress');
  expect(moves, item.key).toHaveLength(1);
  expect(parseMicros(moves[0]?.at ?? '') ?? 0, item.key).toBeGreaterThan(parseMicros(ours[0]?.createdAt ?? '') ?? 0);
}
