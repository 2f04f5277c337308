import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '@pco/shared/errors';
import type { Logger } from '@pco/shared/log';
import { SECOND_MS } from '@pco/shared/time';
import { asciicast, moments } from './asciicast.ts';
import { resolveCommand } from './new-process.ts';
import type { MoreToCome } from './recording-events.ts';
import { hashSecret, META_FILE, type RecordingMeta, readMeta, SIZES_FILE } from './recording-folder.ts';
import { END_FILE, listSegments } from './segments.ts';
import type { Moment } from './timeline.ts';

const WRITER = join(import.meta.dirname, '../bin/record-output.pl');
/** A cap is kept to by dropping its oldest eighth. */
const SEGMENTS = 8;
const SECRET_NAME = /TOKEN|SECRET|PASSW|KEY|CREDENTIAL/i;
const NAME = /^([A-Za-z0-9_-]{1,64})~(\d{13})$/;

/** What a recording has to know of its session. */
export interface RecordedSession {
  readonly sessionId: string;
  readonly owner: string | null;
  readonly cols: number;
  readonly rows: number;
  readonly env: Readonly<Record<string, string>>;
}
/** A recording of a session; sessions that follow each other under one id have one each. */
export interface Recording {
  readonly name: string;
  readonly sessionId: string;
  readonly startedAtMs: number;
  readonly bytes: number;
  readonly isEnded: boolean;
}
export interface RecordingLimits {
  /** Of one session, for its whole life as it was at its beginning; 0 records nothing. */
  readonly maxBytes: number;
  /** Of all together. */
  readonly maxTotalBytes: number;
  readonly maxAgeMs: number;
}
export interface RecordingsOptions {
  readonly dataDir: string;
  /** Asked at each use. */
  readonly limits: () => RecordingLimits;
  readonly env: Readonly<Record<string, string>> & { readonly PATH: string };
  readonly log: Logger;
  readonly clock?: () => number;
}
export type Recordings = Awaited<ReturnType<typeof openRecordings>>;

/** The folders in which the output of sessions is kept, and the command that fills one of them. */
export async function openRecordings(options: RecordingsOptions) {
  const { dataDir, limits, log, clock = Date.now } = options;
  const root = join(dataDir, 'recordings');
  await mkdir(root, { recursive: true, mode: 0o700 });
  let found = limits().maxBytes > 0 ? findPerl(options) : undefined;
  await found; // what is missing is said at the start
  const folder = (name: string): string => join(root, name);
  /** How many read each recording right now. */
  const readers = new Map<string, number>();

  const list = async (): Promise<Recording[]> => {
    const names = await readdir(root);
    const found = await Promise.all(names.map((name) => describe(folder(name), name)));
    return found.flatMap((each) => each ?? []).sort((a, b) => a.startedAtMs - b.startedAtMs);
  };

  async function* read<Part>(name: string, parts: AsyncGenerator<Part>): AsyncGenerator<Part> {
    readers.set(name, (readers.get(name) ?? 0) + 1);
    try {
      yield* parts;
    } finally {
      const left = (readers.get(name) ?? 1) - 1;
      if (left > 0) readers.set(name, left);
      else readers.delete(name);
    }
  }

  return {
    folder,
    list,
    names: async (): Promise<string[]> => (await readdir(root)).filter((name) => NAME.test(name)),

    /** Makes room for the output of a new session; undefined when nothing is recorded here. */
    async begin(session: RecordedSession): Promise<{ name: string; command: string } | undefined> {
      const { maxBytes } = limits();
      if (maxBytes === 0) return undefined;
      found ??= findPerl(options);
      const perl = await found;
      if (perl === undefined) return undefined;
      const { sessionId, owner, cols, rows, env } = session;
      const startedAtMs = clock();
      const name = `${sessionId}~${startedAtMs}`;
      const given = Object.entries(env).filter(([variable]) => SECRET_NAME.test(variable));
      const secrets = given.map(([, value]) => hashSecret(name, value));
      const meta: RecordingMeta = { sessionId, owner, startedAtMs, cols, rows, secrets };
      try {
        await mkdir(folder(name), { mode: 0o700 });
        await writeFile(join(folder(name), META_FILE), JSON.stringify(meta), { mode: 0o600 });
      } catch (err) {
        log.error({ err, sessionId }, 'session will not be recorded'); // better than no session
        return undefined;
      }
      return { name, command: writerCommand(perl, folder(name), maxBytes) };
    },

    /** For a session that could not be created after all. */
    abandon: (name: string): Promise<void> => rm(folder(name), { recursive: true, force: true }),

    /** Remembers the size of the window for whoever plays it. */
    async noteSize(name: string, cols: number, rows: number): Promise<void> {
      await appendFile(join(folder(name), SIZES_FILE), `${clock()} ${cols} ${rows}\n`, { mode: 0o600 });
    },

    readMeta: (name: string): Promise<RecordingMeta> => readMeta(folder(name)),

    /** Whether somebody reads the recording as a whole: until then its files stay. */
    isRead: (name: string): boolean => readers.has(name),

    /** The recording without secrets. */
    play: (name: string): AsyncGenerator<string> => read(name, asciicast(folder(name))),

    /** The same to look at, on and on as long as there is more. */
    moments: (name: string, more: MoreToCome): AsyncGenerator<Moment> => read(name, moments(folder(name), more)),

    /** When its session ended; undefined while it runs, or where nobody noted it. */
    endOf: (name: string): Promise<number | undefined> =>
      stat(join(folder(name), END_FILE)).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),

    /** Removes what is too old or too much, oldest first; never what is still being recorded. */
    async prune(live: ReadonlySet<string>): Promise<void> {
      const { maxTotalBytes, maxAgeMs } = limits();
      const all = await list();
      let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const { name, bytes, startedAtMs } of all) {
        const isTooMuch = total > maxTotalBytes || clock() - startedAtMs > maxAgeMs;
        if (!isTooMuch || live.has(name)) continue;
        await rm(folder(name), { recursive: true, force: true });
        total -= bytes;
        log.info({ recording: name, bytes }, 'recording removed');
      }
    },
  };
}

async function describe(folder: string, name: string): Promise<Recording | undefined> {
  const [, sessionId, startedAt] = NAME.exec(name) ?? [];
  if (sessionId === undefined) return undefined;
  try {
    const { isEnded } = await listSegments(folder);
    const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    return { name, sessionId, startedAtMs: Number(startedAt), bytes, isEnded };
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // removed while we looked
    throw err;
  }
}

/** tmux expands formats and dates in the command, then a shell reads it: in hexadecimal there is nothing to expand. */
function writerCommand(perl: string, folder: string, maxBytes: number): string {
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const bootstrap = '($s,$f)=map{pack(q(H*),$_)}splice(@ARGV,0,2);unshift(@ARGV,$f);do($s)';
  return `exec ${perl} -e '${bootstrap}' ${hex(WRITER)} ${hex(folder)} ${Math.ceil(maxBytes / SEGMENTS)} ${maxBytes}`;
}

/** Without a usable Perl there are terminals all the same, attached as to sessions that are not ours. */
async function findPerl({ env, log }: RecordingsOptions): Promise<string | undefined> {
  try {
    const [perl = ''] = await resolveCommand(['perl'], env.PATH);
    if (!/^[A-Za-z0-9/._-]+$/.test(perl)) throw new Error(`its path has special characters: ${perl}`);
    await promisify(execFile)(perl, ['-c', WRITER], { env, timeout: 5 * SECOND_MS });
    return perl;
  } catch (err) {
    log.warn({ why: messageOf(err) }, 'no usable perl: sessions are not recorded, and terminals cannot resume');
    return undefined;
  }
}
