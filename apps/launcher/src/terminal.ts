import { createInterface } from 'node:readline';
import { SECOND_MS } from '@pco/shared/time';

/** What the launcher says to the person who started it. `isTerminal` is false in a pipe, a service or CI. */
export interface Terminal {
  readonly isTerminal: boolean;
  say(line: string): void;
  /** Shows that something longer is under way: how long, and that it ended. */
  during<Result>(what: string, work: () => Promise<Result>): Promise<Result>;
  /** Yes is the default, and the answer when nobody can be asked. */
  confirm(question: string): Promise<boolean>;
}

/** `npm start | head`: what was begun is done, whether somebody reads of it or not. */
export const goOnWithoutReader = (process: Pick<NodeJS.Process, 'stdout'>) =>
  void process.stdout.on('error', () => undefined);

const SILENT_MS = 2 * SECOND_MS; // what takes less needs no clock

export function createTerminal(process: Pick<NodeJS.Process, 'stdout' | 'stdin'>, assumeYes: boolean): Terminal {
  const isTerminal = process.stdout.isTTY === true;
  goOnWithoutReader(process);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  return {
    isTerminal,
    say,
    async during(what, work) {
      const began = performance.now();
      const seconds = () => Math.round((performance.now() - began) / SECOND_MS);
      say(`${what} …`);
      const tick = () => void process.stdout.write(isTerminal ? `\r  ${seconds()} s ` : `  ${seconds()} s\n`);
      const timer = setInterval(tick, isTerminal ? SECOND_MS : 5 * SECOND_MS);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        if (isTerminal) process.stdout.write('\r\x1b[K');
        if (performance.now() - began > SILENT_MS) say(`${what}: ${seconds()} s`);
      }
    },
    async confirm(question) {
      if (assumeYes || !isTerminal || process.stdin.isTTY !== true) return true;
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await new Promise<string>((resolve) => {
        lines.question(`${question} [Y/n] `, resolve);
        lines.once('close', () => resolve('n'));
      });
      lines.close();
      return /^(y|yes|)$/i.test(answer.trim());
    },
  };
}
