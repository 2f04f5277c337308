import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { Refusal } from '../refusal.ts';

export interface Ask extends Disposable {
  /** A person answers, so that a wrong answer can be asked for again. */
  readonly isInteractive: boolean;
  say(line: string): void;
  line(question: string): Promise<string>;
  /** What is typed is not shown. */
  secret(question: string): Promise<string>;
}

/** Questions on a terminal; or answers piped in, one per line. */
export function createAsk(process: Pick<NodeJS.Process, 'stdin' | 'stdout'>): Ask {
  const { stdin, stdout } = process;
  const isInteractive = stdin.isTTY === true && stdout.isTTY === true;
  let isHidden = false;
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!isHidden) stdout.write(chunk);
      done();
    },
  });
  let lines: Interface | undefined;
  let answers: AsyncIterator<string> | undefined;

  const open = (): Interface => {
    const opened = createInterface({ input: stdin, output: shown, terminal: isInteractive });
    return opened.on('SIGINT', () => opened.close()); // ends the answers
  };
  // made on the first question: reading starts at once, and flags may have answered everything
  const next = async (question: string): Promise<string> => {
    lines ??= open();
    answers ??= lines[Symbol.asyncIterator]();
    stdout.write(`${question} `);
    const { done, value } = await answers.next();
    if (!isInteractive) stdout.write('\n');
    if (done) throw new Refusal(`no answer to: ${question}`);
    return value.trim();
  };

  return {
    isInteractive,
    say: (line) => void stdout.write(`${line}\n`),
    line: next,
    async secret(question) {
      isHidden = true;
      try {
        return await next(question);
      } finally {
        isHidden = false;
        if (isInteractive) stdout.write('\n');
      }
    },
    [Symbol.dispose]: () => lines?.close(),
  };
}

/** Asks until the answer is good. A piped answer has one try. */
export async function askUntil<Value>(ask: Ask, read: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await read();
    } catch (err) {
      if (!(err instanceof Refusal) || !ask.isInteractive || err.message.startsWith('no answer')) throw err;
      ask.say(`  ${err.message}`);
    }
  }
}
