import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { iso } from '@pco/shared/time';
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

export interface LogLinesOptions {
  readonly format: ConsoleFormat;
  /** Empty: no file. */
  readonly file: string;
  readonly color: boolean;
  readonly write: (text: string) => unknown;
}

const OWN_NAME = 'launcher';

export function createLogLines({ format, file, color, write }: LogLinesOptions): LogLines {
  const rotating = file === '' ? undefined : openRotating(file, (why) => write(`[${OWN_NAME}] log file: ${why}\n`));
  const pretty = prettyFactory({
    colorize: color,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,service,event',
  });
  const show = (name: string, json: string, record: object) => {
    rotating?.write(`${json}\n`);
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
export function parseRecord(text: string): object | undefined {
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

/** B-122: 10 MB a file, five of them: the current one and `.1` to `.4`. */
function openRotating(file: string, complain: (why: string) => void): RotatingFileStream {
  const dir = dirname(file);
  mkdirSync(dir, { recursive: true });
  const name = (index: number | Date | null) => (index ? `${basename(file)}.${index}` : basename(file));
  // the generator gets an index, not a time, when `rotate` is set
  const stream = createStream(name, { path: dir, size: '10M', rotate: 4, mode: 0o600 });
  stream.on('error', (err) => complain(err.message)); // a full disk must not end the services
  return stream;
}
