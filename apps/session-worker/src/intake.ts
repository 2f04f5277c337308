import { every } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import type { Consumer } from '@pco/shared/queue';
import type { Measured } from '@pco/shared/redis';
import { SECOND_MS } from '@pco/shared/time';
import type { Drain } from './drain.ts';
import { judgeRoom, type Measure, type Refusal } from './room.ts';

const PERIOD_MS = SECOND_MS / 2;
/** A session that was claimed takes longer than this to use any memory: another look would see the same. */
const FRESH_MS = 50;

export interface IntakeDeps {
  readonly capacity: number;
  readonly limits: Parameters<typeof judgeRoom>[1];
  readonly measure: Measure;
  readonly drain: Drain;
  /** Sessions that hold slots here. */
  slotsUsed(): Promise<number>;
  readonly log: Logger;
}

/**
 * Whether this runner takes tickets: only with a free slot, and with memory and disk for one more session. While it
 * does not its queues are left alone, so that tickets wait there, where runners with room find them.
 */
export interface Intake extends AsyncDisposable {
  readonly measured: Measured | undefined;
  /** Why memory, disk or load do not allow a session, or that this host is being emptied. */
  readonly lack: Refusal | null;
  /** That, or that no slot is free. */
  readonly refusal: Refusal | null;
  /** @param tell memory, disk or load have become too little, or enough again */
  onChange(tell: () => void): void;
  /** Right before a claim. */
  hasRoom(): Promise<boolean>;
  /** Fetches from now on, as long as there is room. */
  open(consumers: readonly Consumer[]): Promise<void>;
  /** Something has changed: a slot was freed, or refused. */
  lookAgain(): Promise<void>;
}

export function createIntake({ capacity, limits, measure, drain, slotsUsed, log }: IntakeDeps): Intake {
  let consumers: readonly Consumer[] = [];
  let measured: Measured | undefined;
  let lack: Refusal | null = null;
  let refusal: Refusal | null = null;
  let changed = () => {};
  let lookedAt = Number.NEGATIVE_INFINITY;

  const lookAtHost = async (): Promise<void> => {
    try {
      measured = await measure();
      tell(drain.refusal() ?? judgeRoom(measured, limits));
    } catch (err) {
      tell({ code: 'UNMEASURED', why: `memory and disks cannot be measured: ${messageOf(err)}` });
    }
    lookedAt = performance.now();
  };
  const tell = (now: Refusal | null): void => {
    const isNew = now?.code !== lack?.code;
    lack = now;
    if (!isNew) return;
    if (now) log.warn({ event: 'runner.no-room', ...now }, 'no room for another session');
    else log.info({ event: 'runner.room' }, 'room for sessions again');
    changed();
  };
  const isFull = async (): Promise<boolean> => (await slotsUsed()) >= capacity;
  const judge = async (): Promise<Refusal | null> =>
    lack ?? ((await isFull()) ? { code: 'SLOTS', why: `all ${capacity} slots are in use` } : null);
  const lookAgain = async (): Promise<void> => {
    refusal = await judge();
    if (refusal) await Promise.all(consumers.map((consumer) => consumer.pause()));
    // a slot that was freed between the look and the pause would otherwise be seen by nobody
    if (refusal && !lack && !(await isFull())) refusal = null;
    if (!refusal) for (const consumer of consumers) if (consumer.isPaused()) consumer.resume();
  };
  const loop = every(
    PERIOD_MS,
    async () => {
      await lookAtHost();
      await lookAgain();
      await drain.note(slotsUsed);
    },
    log,
    'room of this host',
  );
  return {
    get measured() {
      return measured;
    },
    get lack() {
      return lack;
    },
    get refusal() {
      return refusal;
    },
    onChange(tellIt) {
      changed = tellIt;
    },
    async hasRoom() {
      if (performance.now() - lookedAt > FRESH_MS) await lookAtHost();
      return lack === null;
    },
    async open(opened) {
      consumers = opened;
      await lookAtHost();
      await lookAgain();
    },
    lookAgain,
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}
