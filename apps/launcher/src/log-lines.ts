import { appendFileSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isWanted, type LogLevel } from '@pco/shared/log';
import { DAY_MS, iso } from '@pco/shared/time';
import { prettyFactory } from 'pino-pretty';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

/** `human`: `[api] 12:00:01 INFO …`; `json`: the lines as they are; `none`: the file only. */
export type ConsoleFormat = 'human' | 'json' | 'none';

export interface LogLines extends AsyncDisposable {
  /** A line that a child printed. */
  child(name: string, text: string, stream: 'stdout' | 'stderr'): void;
  /** A line of our own. */
  own(level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface LogFile {
  /** Empty: no file. */
  readonly path: string;
  /** A new one begins when it is so large, after so many days of writing, and at a start that finds one so old (0: never by age). */
  readonly maxMb: number;
  readonly maxDays: number;
  /** How many are kept besides: `.1` is the latest. */
  readonly keep: number;
}

export interface LogLinesOptions {
  readonly format: ConsoleFormat;
  /** What is shown and what is written; read at each line, because it may change. */
  readonly levels: { readonly level: LogLevel; readonly file_level: LogLevel };
  readonly file: LogFile;
  readonly color: boolean;
  readonly write: (text: string) => unknown;
}

const OWN_NAME = 'launcher';

export function createLogLines({ format, levels, file, color, write }: LogLinesOptions): LogLines {
  const rotating =
    file.path === '' ? undefined : openRotating(file, (why) => write(`[${OWN_NAME}] log file: ${why}\n`));
  const pretty = prettyFactory({
    colorize: color,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,service,event',
  });
  const show = (name: string, json: string, record: { readonly level: unknown }) => {
    if (isWanted(record.level, levels.file_level)) rotating?.write(`${json}\n`);
    if (!isWanted(record.level, levels.level)) return;
    if (format === 'json') write(`${json}\n`);
    if (format === 'human') write(prefixed(name, pretty(record)));
  };
  return {
    child(name, text, stream) {
      const record = parseRecord(text);
      if (record) return show(name, text, record);
      if (text.trim() === '') return;
      const made = { level: stream === 'stderr' ? 'error' : 'info', time: iso(Date.now()), service: name, msg: text };
      show(name, JSON.stringify(made), made);
    },
    own(level, message, fields = {}) {
      const made = { level, time: iso(Date.now()), service: OWN_NAME, ...fields, msg: message };
      show(OWN_NAME, JSON.stringify(made), made);
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => (rotating ? rotating.end(() => resolve()) : resolve()));
    },
  };
}

/** A log record, or undefined for text that is none. */
export function parseRecord(text: string): { readonly level: unknown } | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'level' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every line of a record names the service, also those of a stack trace. */
export const prefixed = (name: string, text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `[${name}] ${line}\n`)
    .join('');

/** B-122: one writer, by size and age. A line that was written is never lost by a rotation, nor by the end of the writer. */
function openRotating({ path, maxMb, maxDays, keep }: LogFile, complain: (why: string) => void): RotatingFileStream {
  const dir = dirname(path);
  mkdirSync(dir, { recursive: true });
  endTornLine(path);
  const name = (index: number | Date | null) => (index ? `${basename(path)}.${index}` : basename(path));
  const size = `${Math.ceil(maxMb * 1024 * 1024)}B` as const;
  if (maxDays > 0 && ageMs(path) >= maxDays * DAY_MS) setAside(path, keep);
  const age = maxDays > 0 ? { interval: `${maxDays}d` } : {};
  // the generator gets an index, not a time, when `rotate` is set
  const stream = createStream(name, { path: dir, size, rotate: keep, mode: 0o600, ...age });
  stream.on('error', (err) => complain(err.message)); // a full disk must not end the services
  return stream;
}

const FIRST_LINE_MAX = 64 * 1024;

/** By its first line; one that says no time is as good as new. However large the file is, no more than that is read. */
function ageMs(path: string): number {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const head = Buffer.alloc(FIRST_LINE_MAX);
    const [first = ''] = head.toString('utf8', 0, readSync(file, head, 0, FIRST_LINE_MAX, 0)).split('\n', 1);
    const age = Date.now() - Date.parse(JSON.parse(first).time);
    return Number.isNaN(age) ? 0 : age;
  } catch {
    return 0;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What a rotation does to the names. The stream rotates by age only what it has written itself. */
function setAside(path: string, keep: number): void {
  for (let index = keep; index > 0; index -= 1) {
    const younger = index === 1 ? path : `${path}.${index - 1}`;
    if (existsSync(younger)) renameSync(younger, `${path}.${index}`);
  }
}

/** A writer that was killed within a line would take the next one's first line along. */
function endTornLine(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return; // the first one
  }
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n') appendFileSync(path, '\n');
  } finally {
    closeSync(file);
  }
}
