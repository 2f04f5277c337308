import { spawn } from '@lydell/node-pty';
import { rssMb } from './support/process-usage.ts';
import type { Progress } from './support/progress.ts';
import type { Section } from './support/report.ts';
import { quantile } from './support/stats.ts';
import { connectTerminal, startTerminalService, type TerminalService } from './support/terminal-service.ts';

const ECHO_TIMES_AT_MOST = 3;
const IDLE_MB_BELOW = 1;
const LINES = 40;
const LINE_SECONDS = 0.5;
const VIEWERS = 5;

export interface TerminalsSize {
  readonly keys: number;
  readonly terminals: number;
  readonly reconnects: number;
}

/** Key presses through the WebSocket beside a pseudo-terminal, many viewers that come and go, and what idling costs. */
export async function measureTerminals(
  { keys, terminals, reconnects }: TerminalsSize,
  progress: Progress,
): Promise<Section> {
  await using service = await startTerminalService();
  const echo = await measureEcho(service, keys);
  progress.say(`terminals: ${keys} keys echoed`);
  const crowd = await measureCrowd(service, terminals, reconnects, progress);
  progress.say(`terminals: ${crowd.reconnects} reconnects of ${terminals * VIEWERS} viewers`);
  const p95 = quantile(echo.ours, 0.95);
  const base = quantile(echo.pty, 0.95);
  return {
    title: 'Terminals',
    about: [
      `A key press until its echo is back: through WebSocket, service, tmux and recording, and through a bare pseudo-terminal, in turn.`,
      `${terminals} sessions that print, ${VIEWERS} viewers each, who lose their connection and come back with their number.`,
    ],
    figures: [
      { name: 'echo, p95', value: p95, unit: 'ms', ratio: p95 / base, target: { below: base * ECHO_TIMES_AT_MOST } },
      {
        name: 'echo, p50',
        value: quantile(echo.ours, 0.5),
        unit: 'ms',
        ratio: quantile(echo.ours, 0.5) / quantile(echo.pty, 0.5),
      },
      { name: 'baseline, pseudo-terminal, p95', value: base, unit: 'ms' },
      { name: 'baseline, pseudo-terminal, p50', value: quantile(echo.pty, 0.5), unit: 'ms' },
      {
        name: 'of it a bare WebSocket round trip, p95',
        value: quantile(echo.socket, 0.95),
        unit: 'ms',
        note: `p50 ${quantile(echo.socket, 0.5).toFixed(3)} ms`,
      },
      {
        name: 'bytes missing or repeated',
        value: crowd.wrongBytes,
        unit: 'B',
        target: { below: 1 },
        note: `${crowd.reconnects} reconnects, ${crowd.bytes} bytes shown`,
      },
      { name: 'memory per idle session', value: crowd.idleMb, unit: 'MB', target: { below: IDLE_MB_BELOW } },
      {
        name: `the same with ${VIEWERS} idle viewers`,
        value: crowd.viewedMb,
        unit: 'MB',
        target: { below: IDLE_MB_BELOW },
      },
    ],
  };
}

/** Programs that one types into echo themselves, as an agent does; the terminal's own echo is no program. */
const ECHO = 'stty raw -echo; echo ready; exec cat';

/** One of ours, one of the baseline, so that both meet the same machine. */
async function measureEcho(service: TerminalService, keys: number) {
  await service.put('echo', ['/bin/sh', '-c', ECHO]);
  await using terminal = await connectTerminal(service, 'echo', 'from=0');
  const pty = spawn('/bin/sh', ['-c', ECHO], { cols: 80, rows: 24 });
  let heard = () => {};
  const started = new Promise<void>((resolve) => {
    heard = resolve;
  });
  pty.onData(() => heard());
  await Promise.all([started, terminal.until((text) => text.includes('ready'))]);
  const [ours, bare, socket]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let count = 0; count < keys; count++) {
      const before = terminal.text().length;
      const from = performance.now();
      terminal.type('x');
      await terminal.until((text) => text.length > before);
      ours.push(performance.now() - from);
      const echoed = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const bareFrom = performance.now();
      pty.write('x');
      await echoed;
      bare.push(performance.now() - bareFrom);
      const socketFrom = performance.now();
      await terminal.roundTrip();
      socket.push(performance.now() - socketFrom);
      await pause(20); // as a person would: no burst
    }
  } finally {
    pty.kill();
  }
  const warm = Math.floor(keys / 10);
  return { ours: ours.slice(warm), pty: bare.slice(warm), socket: socket.slice(warm) };
}

async function measureCrowd(service: TerminalService, terminals: number, reconnects: number, progress: Progress) {
  const ids = Array.from({ length: terminals }, (_, index) => `crowd-${index}`);
  await Promise.all(Array.from({ length: 10 }, (_, index) => service.put(`warm-${index}`, ['cat', '-'])));
  const baseMb = rssMb(service.pid);
  for (const id of ids) await service.put(id, ['perl', '-e', PRINTER, String(LINES), String(LINE_SECONDS)]);
  const idleMb = (rssMb(service.pid) - baseMb) / terminals;
  const expected = expectedText();
  const share = reconnects / (terminals * VIEWERS);
  let [made, wrongBytes, bytes] = [0, 0, 0];
  const look = async (id: string) => {
    let text = '';
    let seq = 0;
    for (let round = 0; ; round++) {
      await using terminal = await connectTerminal(service, id, `from=${seq}`);
      const isLast = round >= Math.floor(share) && Math.random() >= share - round;
      if (isLast) await terminal.until((more) => text.length + more.length >= expected.length);
      else await pause(Math.random() * LINES * LINE_SECONDS * (700 / (share + 1)));
      text += terminal.text();
      seq = terminal.seq();
      if (isLast) break;
      made++;
      progress.tick(`terminals: ${made} reconnects`);
    }
    bytes += text.length;
    wrongBytes += difference(text, expected);
  };
  await Promise.all(ids.flatMap((id) => Array.from({ length: VIEWERS }, () => look(id))));
  await using viewers = new AsyncDisposableStack();
  for (const id of ids)
    for (let count = 0; count < VIEWERS; count++) viewers.use(await connectTerminal(service, id, 'from=0'));
  const viewedMb = (rssMb(service.pid) - baseMb) / terminals;
  return { reconnects: made, wrongBytes, bytes, idleMb, viewedMb };
}

/** Prints numbered lines at a person's pace, then waits. */
const PRINTER =
  '$| = 1; for my $i (1 .. $ARGV[0]) { printf "%06d %s\\n", $i, "grün " x 8; select undef, undef, undef, $ARGV[1] } sleep';

const expectedText = (): string =>
  Array.from({ length: LINES }, (_, index) => `${String(index + 1).padStart(6, '0')} ${'grün '.repeat(8)}\r\n`).join(
    '',
  );

/** How many bytes are not where they belong, from the first wrong one on. */
function difference(text: string, expected: string): number {
  if (text === expected) return 0;
  let same = 0;
  while (same < text.length && text[same] === expected[same]) same++;
  return Math.max(text.length, expected.length) - same;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
