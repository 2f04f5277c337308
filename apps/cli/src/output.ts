import { styleText } from 'node:util';
import { type Column, table } from './table.ts';
import { oneLine, printable, printableJson } from './text.ts';

/** What `process` gives to a command. */
export interface Io {
  readonly stdout: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & { write(text: string): unknown };
  readonly stderr: Pick<NodeJS.WriteStream, 'isTTY'> & { write(text: string): unknown };
  readonly stdin: NodeJS.ReadStream | (AsyncIterable<string | Buffer> & { isTTY?: boolean });
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}

export type Colour = 'red' | 'yellow' | 'green' | 'cyan' | 'dim' | 'bold';
const NO_LIMIT = Number.POSITIVE_INFINITY;

/**
 * The one way to the terminal: all that is said passes here and is made harmless. As JSON there is one document, or
 * one a line for what does not end.
 */
export function createOutput(io: Io, isJson: boolean) {
  const { stdout, stderr, env } = io;
  const isTerminal = stdout.isTTY === true;
  const hasColour = !env.NO_COLOR && env.TERM !== 'dumb' && (isTerminal || Boolean(env.FORCE_COLOR));
  const write = (text: string) => void stdout.write(`${text}\n`);
  const paint = (colour: Colour, text: string): string =>
    hasColour ? styleText(colour, text, { validateStream: false }) : text;
  return {
    isJson,
    isTerminal,
    paint,
    json: (value: unknown) => write(printableJson(value, isTerminal ? 2 : undefined)),
    /** One of many that come one after another. */
    jsonLine: (value: unknown) => write(printableJson(value)),
    /** A word to people; a program gets none. */
    say(text: string) {
      if (!isJson) write(printable(text));
    },
    /** Whatever else: output that a program or a file takes as it is, made by us. */
    raw: (text: string) => void stdout.write(text),
    warn: (text: string) => void stderr.write(`pco: ${printable(text)}\n`),
    /** A value for programs, and how people see it. */
    result(value: unknown, show: () => void) {
      if (isJson) write(printableJson(value, isTerminal ? 2 : undefined));
      else show();
    },
    table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string) {
      if (rows.length === 0) return write(printable(none));
      const width = isTerminal ? (stdout.columns ?? 80) : NO_LIMIT;
      for (const line of table(rows, columns, width, (text) => paint('bold', text))) write(line.trimEnd());
    },
    /** Names and values below each other; what is null is left out. */
    fields(pairs: Readonly<Record<string, string | number | null | undefined>>) {
      const held = Object.entries(pairs).filter(([, value]) => value !== null && value !== undefined && value !== '');
      const width = Math.max(...held.map(([name]) => name.length));
      for (const [name, value] of held) write(`${paint('dim', name.padEnd(width))}  ${oneLine(String(value))}`);
    },
    /** A text of several lines under its name. */
    block(name: string, text: string | null) {
      if (!text) return;
      write(`\n${paint('bold', name)}`);
      for (const line of printable(text.trim()).split('\n')) write(`  ${line}`);
    },
  };
}
export type Output = ReturnType<typeof createOutput>;

const COLOURS: Readonly<Record<string, Colour>> = {
  pending: 'yellow',
  completed: 'yellow',
  waiting: 'yellow',
  in_review: 'yellow',
  blocked: 'red',
  failed: 'red',
  active: 'green',
  starting: 'cyan',
  approved: 'cyan',
  updating: 'cyan',
};

/** Statuses that ask for a person stand out. */
export const paintStatus = (out: Output, status: string, cell = status): string =>
  out.paint(COLOURS[status] ?? 'dim', cell);

/** `3m`, `5h`, `2d`: how long ago. */
export function ago(time: string | null, now: number): string | null {
  if (time === null) return null;
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
