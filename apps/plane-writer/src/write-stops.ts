import { PlaneWrite } from '@pco/shared/contracts';
import { type EffectHandler, every, type Loop, type Work } from '@pco/shared/engine';
import { type AppError, isCode } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { BackToQueue, type Consumer, Later } from '@pco/shared/queue';
import { createWriteStopStore, EVERYWHERE, type WriteStop } from '@pco/shared/redis';
import { jittered, SECOND_MS } from '@pco/shared/time';
import type { Writer } from './writer.ts';

/** How often it is tried whether Plane takes writes again, by one of all replicas. */
const PROBE_MS = 3 * SECOND_MS;
/** How long a replica may go on or stay away after another one has stopped or resumed. */
const LOOK_MS = SECOND_MS;

/**
 * Writes that Plane refuses (401, 403) wait instead of failing ticket by ticket; one alarm says what to change.
 *
 *   running --401/403, users/me too--> stopped everywhere: no replica takes jobs --users/me answers--> running
 *   running --403, users/me answers--> project stopped: one of its writes tries now and then --it succeeds--> running
 *   running --request budget empty--> this replica takes no jobs --there is room--> running
 */
export function createWriteStops({ core, plane }: Pick<Writer, 'core' | 'plane'>, log: Logger) {
  const store = createWriteStopStore(core.redis);
  let consumer: Consumer | undefined;
  let loop: Loop | undefined;
  let heldUntil = 0;
  /** By the last look, which is late by `LOOK_MS` at most; asked for anew once a write stopped or resumed something. */
  let seen: readonly WriteStop[] | undefined;

  /** Lets the write pass, or sends its job away without costing it an attempt. */
  const pass = async ({ ticket, signal }: Work): Promise<WriteStop | undefined> => {
    const { projectId } = ticket.workItem;
    const stops = seen ?? (await store.all());
    const everywhere = stops.find(({ scope }) => scope === EVERYWHERE);
    if (everywhere) {
      await consumer?.pause();
      throw new BackToQueue(everywhere.why);
    }
    const stop = stops.find(({ scope }) => scope === projectId);
    const waitMs = stop ? await store.beginProbe(projectId, PROBE_MS) : 0;
    if (waitMs > 0) throw new Later(waitMs + jittered(LOOK_MS / 2, 1), { cause: stop?.why });
    signal.throwIfAborted();
    return stop;
  };

  const stop = async (scope: string, project: string, why: string): Promise<void> => {
    seen = undefined;
    if (!(await store.stop(scope, { project, why }))) return;
    const what = scope === EVERYWHERE ? 'all write-backs wait' : 'write-backs of a project wait';
    log.error({ event: 'plane.writes-stopped', project: project || undefined, why }, what);
  };
  const resume = async ({ scope, project }: WriteStop): Promise<void> => {
    seen = undefined;
    if (await store.resume(scope))
      log.warn({ event: 'plane.writes-resumed', project: project || undefined }, 'write-backs go on');
  };

  /** @returns what to throw: the token refused everywhere, or only what this project does not allow */
  const refused = async ({ ticket, signal }: Work, err: AppError): Promise<Error> => {
    const { project, projectId } = ticket.workItem;
    const tokenTrouble = await plane.me({ signal }).then(
      () => undefined,
      (trouble: unknown) => trouble,
    );
    if (isCode(tokenTrouble, 'PLANE_UNAUTHORIZED')) {
      await stop(EVERYWHERE, '', tokenTrouble.message);
      await consumer?.pause();
      return new BackToQueue(tokenTrouble.message, { cause: err });
    }
    // Plane is away: that is waited for like any outage, and decided when it is back
    if (tokenTrouble instanceof Error) return tokenTrouble;
    await stop(projectId, project, err.message);
    await store.beginProbe(projectId, PROBE_MS);
    return new Later(jittered(PROBE_MS, 0.5), { cause: err });
  };

  /** While nothing may be sent, no write begins: each would only use up the looks that it makes before it writes. */
  const hold = async (ms: number): Promise<void> => {
    heldUntil = Math.max(heldUntil, performance.now() + ms);
    setTimeout(() => loop?.now(), ms).unref();
    await consumer?.pause();
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const stops = await store.all();
    seen = stops;
    // without a write that tries, nobody would find out that a project takes them again
    if (stops.length > 0 && (await countWaiting(core)) === 0)
      for (const stopped of stops.filter(({ scope }) => scope !== EVERYWHERE)) await resume(stopped);
    const everywhere = stops.find(({ scope }) => scope === EVERYWHERE);
    if (everywhere) {
      await consumer?.pause();
      if ((await store.beginProbe(EVERYWHERE, PROBE_MS)) > 0) return;
      const isTaken = await plane.me({ signal }).then(
        () => true,
        () => false,
      );
      if (!isTaken) return;
      await resume(everywhere);
    }
    if (consumer?.isPaused() && performance.now() >= heldUntil) consumer.resume();
  };

  return {
    guard:
      (handler: EffectHandler): EffectHandler =>
      async (work) => {
        const probed = await pass(work);
        try {
          const result = await handler(work);
          if (probed) await resume(probed);
          return result;
        } catch (err) {
          if (isCode(err, 'PLANE_BUDGET_EMPTY')) await hold(Number(err.details.retryAfterMs));
          throw isCode(err, 'PLANE_UNAUTHORIZED') ? await refused(work, err) : err;
        }
      },
    /** Pauses and resumes that consumer with the others. */
    watch(watched: Consumer): AsyncDisposable {
      consumer = watched;
      loop = every(LOOK_MS, look, log, 'write-stops');
      return loop;
    },
  };
}
export type WriteStops = ReturnType<typeof createWriteStops>;

const countWaiting = ({ queues }: Writer['core']): Promise<number> =>
  queues.get(PlaneWrite.family).getJobCountByTypes('wait', 'prioritized', 'delayed', 'active');
