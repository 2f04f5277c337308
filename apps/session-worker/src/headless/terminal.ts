import { createInterface, type Key } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';

export interface Terminal {
  /** Above the line that a person types. */
  show(line: string): void;
  close(): void;
}

export interface TerminalEvents {
  line(words: string): void;
  /** Escape, or Ctrl-C. */
  interrupt(): void;
  /** Ctrl-D. */
  end(): void;
}

/** Where people watch a headless agent, and may type. Without a terminal it only prints. */
export function openTerminal(stdin: ReadStream, stdout: WriteStream, on: TerminalEvents): Terminal {
  if (!stdin.isTTY) return { show: (line) => void stdout.write(`${line}\n`), close: () => undefined };
  const prompt = createInterface({ input: stdin, output: stdout, prompt: '> ', historySize: 0, escapeCodeTimeout: 50 });
  prompt.on('line', (words) => {
    on.line(words);
    prompt.prompt();
  });
  prompt.on('SIGINT', on.interrupt);
  prompt.on('close', on.end);
  stdin.on('keypress', (_text: string | undefined, key: Key) => {
    if (key.name === 'escape') on.interrupt();
  });
  prompt.prompt();
  return {
    show(line) {
      stdout.write(`\r\x1b[J${line}\n`);
      prompt.prompt(true);
    },
    close() {
      prompt.removeListener('close', on.end);
      prompt.close();
    },
  };
}
