/** What tmux writes in control mode: the answer to a command between guard lines, and notifications in between. */
export interface Block {
  readonly ok: boolean;
  /** Whether this client asked for it; hooks and the first command of the connection answer too. */
  readonly asked: boolean;
  readonly text: string;
}
export interface ControlEvents {
  readonly onBlock: (block: Block) => void;
  /** A line such as `%sessions-changed`. */
  readonly onNotification: (line: string) => void;
}

const BEGIN = /^%begin (\d+ \d+ (\d+))$/;
const NEWLINE = 0x0a;

/** Takes the output of a control client in pieces of any size. */
export function createControlParser({ onBlock, onNotification }: ControlEvents): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let open: { guard: string; asked: boolean; lines: string[] } | undefined;

  const onLine = (line: string) => {
    if (open === undefined) {
      const [, guard, flags] = BEGIN.exec(line) ?? [];
      if (guard !== undefined) open = { guard, asked: flags === '1', lines: [] };
      else if (line.startsWith('%')) onNotification(line);
      return;
    }
    // The whole guard must match: the answer may itself hold lines that look like one.
    const ok = line === `%end ${open.guard}`;
    if (!ok && line !== `%error ${open.guard}`) return void open.lines.push(line);
    const { asked, lines } = open;
    open = undefined;
    onBlock({ ok, asked, text: lines.join('\n') });
  };

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      rest.push(chunk.subarray(start, end));
      onLine(Buffer.concat(rest).toString());
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  };
}
