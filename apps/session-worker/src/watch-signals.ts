import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Ticket, TicketId } from '@pco/shared/domain';
import { every } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { redactSecrets } from '@pco/shared/secrets';
import { SECOND_MS } from '@pco/shared/time';
import type { Host } from './host.ts';
import { setBackMs } from './host-clock.ts';
import type { SessionMeta } from './session-files.ts';
import { keepSignal, listSignals, parseName, readSignalFile } from './signal-files.ts';

const SWEEP_MS = 2 * SECOND_MS; // inotify is quick but may drop events; a person is promised 5 s
const SIDE_BY_SIDE = 4;

/**
 * Watches the private spool and the shared folder for completion files. A file leaves its place only after what it
 * says is committed, so a crash in between only makes it be read again.
 */
export async function watchSignals(host: Host): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const { signal_dir } = host.config.automation;
  await mkdir(host.paths.spool, { recursive: true, mode: 0o700 });
  const dirs = signal_dir ? [host.paths.spool, signal_dir] : [host.paths.spool];
  const told = new Map<string, string>();
  const heard = new Set<string>();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const look = async () => {
    const paths = [...heard];
    heard.clear();
    if (performance.now() - sweptAt > SWEEP_MS * 0.5) {
      sweptAt = performance.now();
      for (const dir of dirs) paths.push(...(await listSignals(dir)).map((name) => join(dir, name)));
    }
    const left = new Set(paths).values();
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => takeUpAll(host, left, told)));
  };
  const loop = stack.use(every(SWEEP_MS, look, host.log, 'completion files'));
  for (const dir of dirs) {
    const onFile = (name: string) => {
      heard.add(join(dir, name));
      loop.now();
    };
    stack.use(hearOf(dir, onFile, host.log));
  }
  return stack.move();
}

/** Says at once when a file appears. A folder that is missing or cannot be watched is swept like the others. */
function hearOf(dir: string, onFile: (name: string) => void, log: Logger): Disposable {
  const complain = (err: unknown) => log.warn({ dir, err: messageOf(err) }, 'folder cannot be watched, it is swept');
  try {
    const watcher = watch(dir, { persistent: false }, (_event, name) => {
      if (name && parseName(name)) onFile(name);
    });
    watcher.on('error', complain);
    return { [Symbol.dispose]: () => watcher.close() };
  } catch (err) {
    complain(err);
    return { [Symbol.dispose]: () => undefined };
  }
}

async function takeUpAll(host: Host, paths: Iterable<string>, told: Map<string, string>): Promise<void> {
  for (const path of paths) {
    try {
      const refusal = await takeUp(host, path, dirname(path) === host.paths.spool);
      if (refusal && told.get(path) !== refusal) {
        told.set(path, refusal);
        host.log.warn({ event: 'completion.refused', file: path, why: refusal }, 'completion file not accepted');
      }
    } catch (err) {
      host.log.warn(
        { event: 'completion.error', file: path, err: messageOf(err) },
        'completion file could not be taken, trying again',
      );
    }
  }
}

/** @returns why the file was not accepted, or undefined */
async function takeUp(host: Host, path: string, inSpool: boolean): Promise<string | undefined> {
  const name = basename(path);
  const { speaksOf = '', isResult = false } = parseName(name) ?? {};
  if (isResult && !inSpool) return undefined; // only a private folder holds results
  const read = await readSignalFile(path, host.uid);
  if (read.kind === 'not_yet') return undefined;
  const meta = inSpool ? await host.files(speaksOf).readMeta() : null;
  const ticketId = inSpool ? meta?.ticketId : TicketId.safeParse(speaksOf).data;
  if (!ticketId) return inSpool ? refuse(host, path, 'it names no session of this host') : 'it names no ticket';
  const readAt = await host.core.store.load(ticketId);
  const { ticket } = readAt;
  if (!inSpool && (!ticket || !isOurs(host, ticket)))
    return "the ticket is unknown here; the file may be another installation's";
  // in a folder that others write to, what is bad is not even touched: moving it would follow a link or wait on a pipe
  if (read.kind === 'bad') return inSpool ? refuse(host, path, read.why) : `${read.why}; left where it is`;
  const session = ticket?.session;
  if (!ticket || !session) return refuse(host, path, 'its ticket has no session');
  if (!inSpool) {
    const started = await host.files(session.id).readMeta();
    if (!started) return undefined; // its session is only being prepared, which sets this file aside
    if (isOlder(read.writtenAt, started)) return refuse(host, path, 'it is older than the session');
  }
  const answer = await host.core.apply(
    {
      id: read.id,
      type: 'completion.signalled',
      ticketId,
      cid: ticket.cid,
      sessionId: inSpool ? speaksOf : session.id,
      summary: read.text,
      channel: channelOf(inSpool, isResult),
    },
    { once: true, readAt },
  );
  if (answer.kind === 'changed')
    host.log.info(
      { event: 'completion.accepted', ticketId, cid: ticket.cid, summary: redactSecrets(read.text).slice(0, 100) },
      'completion accepted',
    );
  if (answer.kind === 'changed' || answer.kind === 'seen') {
    await keepSignal(host, path, 'accepted', name);
    return undefined;
  }
  return refuse(host, path, 'why' in answer ? answer.why : answer.kind);
}

const channelOf = (inSpool: boolean, isResult: boolean) => {
  if (isResult) return 'result';
  return inSpool ? 'spool' : 'file';
};

/** Both times are of this host; a clock that was set back meanwhile makes no new file old. */
const isOlder = (writtenAt: number, { createdAt, uptimeMs }: SessionMeta): boolean =>
  writtenAt < createdAt - SECOND_MS - (uptimeMs === undefined ? 0 : setBackMs({ at: createdAt, uptimeMs }));

const isOurs = (host: Host, ticket: Ticket): boolean => ticket.runner === host.runner;

async function refuse(host: Host, path: string, why: string): Promise<string> {
  await keepSignal(host, path, 'refused', basename(path));
  return `${why}; kept under ${join(host.paths.kept, 'refused')}`;
}
