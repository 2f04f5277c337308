import { pause, SECOND_MS } from '@pco/shared/time';
import { type Child, type ChildEvent, type ChildSpec, createChild } from './child.ts';
import type { LogLines } from './log-lines.ts';
import type { HeldLock } from './preflight.ts';
import { type Identity, identityOf } from './process-identity.ts';
import { Refusal } from './refusal.ts';

export interface FamilyOptions {
  readonly lines: LogLines;
  /** Where the pids are noted for a successor. */
  readonly lock: HeldLock;
  readonly onEvent: ((name: string, event: ChildEvent) => void) | undefined;
}

/** The children together: started in groups, watched, reported, stopped in the opposite order. */
export function createFamily({ lines, lock, onEvent: tell }: FamilyOptions) {
  const groups: Child[][] = [];
  const pids = new Map<string, Identity>();
  const hopeless = Promise.withResolvers<never>();
  hopeless.promise.catch(() => undefined); // after the start nobody waits for it
  const children = () => groups.flat();
  const child = (name: string): Child => {
    const found = children().find((one) => one.name === name);
    if (!found) throw new Error(`there is no child ${name}`);
    return found;
  };

  function onEvent(name: string, event: ChildEvent): void {
    if (event.kind === 'spawned') {
      const identity = identityOf(event.pid);
      if (identity) pids.set(name, identity);
      // Redis is left out: it is found and ended by its own record
      lock.note([...pids].filter(([who]) => who !== 'redis').map(([who, id]) => ({ name: who, ...id })));
    }
    report(lines, name, event);
    if (event.kind === 'hopeless') hopeless.reject(new Refusal(`${name} does not start: ${event.lastWords}`));
    tell?.(name, event);
  }

  return {
    get children() {
      return children();
    },
    child,
    startGroup(specs: readonly ChildSpec[]): Child[] {
      const group = specs.map((spec) =>
        createChild(spec, {
          line: (text, stream) => lines.child(spec.name, text, stream),
          event: (event) => onEvent(spec.name, event),
        }),
      );
      groups.push(group);
      for (const one of group) one.start();
      return group;
    },
    async stopAll() {
      for (const group of groups.toReversed()) await Promise.all(group.map((one) => one.stop()));
    },
    killAll() {
      for (const one of children()) one.kill();
    },
    /** Waits for children, says now and then for whom, and gives up when one is hopeless. */
    async untilHealthy(
      wanted: readonly Child[],
      answers: ReadonlyMap<string, string>,
      signal: AbortSignal | undefined,
    ): Promise<void> {
      const done = new AbortController();
      const complaining = complain(wanted, answers, lines, done.signal);
      try {
        const all = Promise.all(wanted.map((one) => one.firstHealth));
        await Promise.race([all, hopeless.promise, untilAborted(signal, done.signal)]);
      } finally {
        done.abort();
        await complaining;
      }
    },
  };
}

const COMPLAIN_MS = 10 * SECOND_MS;

async function complain(
  wanted: readonly Child[],
  answers: ReadonlyMap<string, string>,
  lines: LogLines,
  end: AbortSignal,
) {
  for (;;) {
    await pause(COMPLAIN_MS, end);
    if (end.aborted) return;
    for (const { name } of wanted.filter((one) => one.state !== 'healthy'))
      lines.own('warn', 'still waiting for a service', { child: name, answer: answers.get(name) });
  }
}

function untilAborted(signal: AbortSignal | undefined, done: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Refusal('stopped before everything was ready'));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true, signal: done });
  });
}

function report(lines: LogLines, name: string, event: ChildEvent): void {
  if (event.kind === 'healthy') {
    const fields = { child: name, afterMs: event.afterMs, restarts: event.restarts };
    lines.own('info', event.restarts > 0 ? 'service is back' : 'service ready', fields);
  }
  if (event.kind === 'died') {
    const { how, againInMs, deathsInARow } = event;
    lines.own('error', 'service died, starting it again', { child: name, how, againInMs, deathsInARow });
  }
  if (event.kind === 'hopeless')
    lines.own('error', 'service does not start', { child: name, deaths: event.deaths, lastWords: event.lastWords });
}
