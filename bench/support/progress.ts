export interface Progress {
  /** A line that stays. */
  say(text: string): void;
  /** How far the present step is: overwritten on a terminal, left out elsewhere. */
  tick(text: string): void;
}

export function createProgress(out: NodeJS.WriteStream): Progress {
  const began = performance.now();
  const clear = out.isTTY ? '\r\x1b[K' : '';
  let last = '';
  return {
    say: (text) =>
      void out.write(`${clear}[${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s] ${text}\n`),
    tick(text) {
      if (!out.isTTY || text === last) return;
      last = text;
      out.write(`${clear}         ${text}`);
    },
  };
}
