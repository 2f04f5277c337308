import { spawn } from '@lydell/node-pty';
import { cpuMs, rssMb } from './support/process-usage.ts';
import type { Progress } from './support/progress.ts';
import type { Figure, Section } from './support/report.ts';
import { quantile } from './support/stats.ts';
import { sessionOf, startTerminalGateway, type TerminalGateway } from './support/terminal-gateway.ts';
import {
  type BenchTerminal,
  connectTerminal,
  startTerminalService,
  type TerminalService,
} from './support/terminal-service.ts';

const ECHO_TIMES_AT_MOST = 3;
const IDLE_MB_BELOW = 1;
const LINES = 40;
const LINE_SECONDS = 0.5;
const VIEWERS = 5;
/** So much of the crowd comes through the api, one tenth. */
const GATEWAY_SHARE = 10;

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
  await using gateway = await startTerminalGateway(service);
  const echo = await measureEcho(service, gateway, keys);
  progress.say(`terminals: ${keys} keys echoed`);
  const crowd = await measureCrowd(service, terminals, reconnects, progress);
  progress.say(`terminals: ${crowd.reconnects} reconnects of ${terminals * VIEWERS} viewers`);
  const share = { terminals: terminals / GATEWAY_SHARE, reconnects: reconnects / GATEWAY_SHARE };
  const through = await measureGatewayCrowd(service, gateway, share, progress);
  progress.say(`terminals: ${through.reconnects} reconnects through the api`);
  return {
    title: 'Terminals',
    about: [
      'A key press until its echo is back: through WebSocket, api, service, tmux and recording, through the service alone, and',
      'through a bare pseudo-terminal, in turn.',
      `${terminals} sessions that print, ${VIEWERS} viewers each, who lose their connection and come back with their number.`,
    ],
    figures: [...echoFigures(echo), ...crowdFigures(crowd, through)],
  };
}

function echoFigures({ api, ours, pty, socket, cpu }: Awaited<ReturnType<typeof measureEcho>>): Figure[] {
  const base = quantile(pty, 0.95);
  const figure = (name: string, sample: readonly number[], share: number): Figure => {
    const value = quantile(sample, share);
    return { name: `${name}, p${share * 100}`, value, unit: 'ms', ratio: value / quantile(pty, share) };
  };
  return [
    { ...figure('echo through the api', api, 0.95), target: { below: base * ECHO_TIMES_AT_MOST } },
    figure('echo through the api', api, 0.5),
    figure('echo through the service', ours, 0.95),
    figure('echo through the service', ours, 0.5),
    { name: 'baseline, pseudo-terminal, p95', value: base, unit: 'ms' },
    { name: 'baseline, pseudo-terminal, p50', value: quantile(pty, 0.5), unit: 'ms' },
    {
      name: 'of it a bare WebSocket round trip, p95',
      value: quantile(socket, 0.95),
      unit: 'ms',
      note: `with the service; p50 ${quantile(socket, 0.5).toFixed(3)} ms`,
    },
    ...Object.entries(cpu).map(
      ([name, value]): Figure => ({ name: `CPU of ${name} per key and its echo`, value, unit: 'ms' }),
    ),
  ];
}

type Crowd = Awaited<ReturnType<typeof measureCrowd>>;
type GatewayCrowd = Awaited<ReturnType<typeof measureGatewayCrowd>>;

function crowdFigures(crowd: Crowd, through: GatewayCrowd): Figure[] {
  const seen = ({ reconnects, bytes }: Pick<Crowd, 'reconnects' | 'bytes'>) =>
    `${reconnects} reconnects, ${bytes} bytes shown`;
  const wrong = { unit: 'B', target: { below: 1 } };
  const idle = { unit: 'MB', target: { below: IDLE_MB_BELOW } };
  return [
    { name: 'bytes missing or repeated', value: crowd.wrongBytes, ...wrong, note: seen(crowd) },
    { name: 'the same through the api', value: through.wrongBytes, ...wrong, note: seen(through) },
    { name: 'memory per idle session', value: crowd.idleMb, ...idle },
    { name: `the same with ${VIEWERS} idle viewers`, value: crowd.viewedMb, ...idle },
    { name: 'memory of the api per idle viewer', value: through.viewerMb, unit: 'MB' },
  ];
}

/** Programs that one types into echo themselves, as an agent does; the terminal's own echo is no program. */
const ECHO = 'stty raw -echo; echo ready; exec cat';

/** One of ours, one of the baseline, so that both meet the same machine. */
async function measureEcho(service: TerminalService, gateway: TerminalGateway, keys: number) {
  await service.put(sessionOf(0), ['/bin/sh', '-c', ECHO]);
  const pty = spawn('/bin/sh', ['-c', ECHO], { cols: 80, rows: 24 });
  let heard = () => {};
  const started = new Promise<void>((resolve) => {
    heard = resolve;
  });
  pty.onData(() => heard());
  const bare = async () => {
    const echoed = new Promise<void>((resolve) => {
      heard = resolve;
    });
    pty.write('x');
    await echoed;
  };
  const through = async (terminal: BenchTerminal) => {
    const before = terminal.text().length;
    terminal.type('x');
    await terminal.until((text) => text.length > before);
  };
  const samples = { api: [] as number[], ours: [] as number[], pty: [] as number[], socket: [] as number[] };
  try {
    await started;
    // one viewer at a time: who also looks is not part of what is measured
    const cpu: Record<string, number> = {};
    for (const [name, url] of [
      ['ours', service.terminal(sessionOf(0))],
      ['api', await gateway.ticket(0)],
    ] as const) {
      await using terminal = await connectTerminal(url, 'from=0');
      await terminal.until((text) => text.includes('ready'));
      for (let count = 0; count < keys / 10; count++) await through(terminal); // until everything is compiled
      const before = { service: cpuMs(service.pid), api: cpuMs(gateway.pid) };
      for (let count = 0; count < keys; count++) {
        samples[name].push(await timed(() => through(terminal)));
        samples.pty.push(await timed(bare));
        await pause(20); // as a person would: no burst
      }
      if (name === 'api') {
        cpu['the service'] = (cpuMs(service.pid) - before.service) / keys;
        cpu['the api'] = (cpuMs(gateway.pid) - before.api) / keys;
      } else for (let count = 0; count < keys; count++) samples.socket.push(await timed(() => terminal.roundTrip()));
    }
    return { ...samples, cpu };
  } finally {
    pty.kill();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function measureCrowd(service: TerminalService, terminals: number, reconnects: number, progress: Progress) {
  const ids = Array.from({ length: terminals }, (_, index) => `crowd-${index}`);
  await Promise.all(Array.from({ length: 10 }, (_, index) => service.put(`warm-${index}`, ['cat', '-'])));
  const baseMb = rssMb(service.pid);
  for (const id of ids) await service.put(id, ['perl', '-e', PRINTER, String(LINES), String(LINE_SECONDS)]);
  const idleMb = (rssMb(service.pid) - baseMb) / terminals;
  const counted = await watchAll(
    ids.map((id) => service.terminal(id)),
    reconnects,
    progress,
  );
  await using viewers = new AsyncDisposableStack();
  for (const id of ids)
    for (let count = 0; count < VIEWERS; count++) viewers.use(await connectTerminal(service.terminal(id), 'from=0'));
  const viewedMb = (rssMb(service.pid) - baseMb) / terminals;
  return { ...counted, idleMb, viewedMb };
}

/** Fewer of them, through the api. */
async function measureGatewayCrowd(
  service: TerminalService,
  gateway: TerminalGateway,
  { terminals, reconnects }: { terminals: number; reconnects: number },
  progress: Progress,
) {
  const urls: string[] = [];
  for (let number = 1; number <= terminals; number++) {
    urls.push(await gateway.ticket(number));
    await service.put(sessionOf(number), ['perl', '-e', PRINTER, String(LINES), String(LINE_SECONDS)]);
  }
  const counted = await watchAll(urls, reconnects, progress);
  const baseMb = rssMb(gateway.pid);
  await using viewers = new AsyncDisposableStack();
  for (const url of urls)
    for (let count = 0; count < VIEWERS; count++) viewers.use(await connectTerminal(url, 'from=0'));
  return { ...counted, viewerMb: (rssMb(gateway.pid) - baseMb) / (urls.length * VIEWERS) };
}

/** Viewers of every terminal who come and go until each has seen all of it. */
async function watchAll(urls: readonly string[], reconnects: number, progress: Progress) {
  const expected = expectedText();
  const share = reconnects / (urls.length * VIEWERS);
  let [made, wrongBytes, bytes] = [0, 0, 0];
  const look = async (url: string) => {
    let text = '';
    let seq = 0;
    for (let round = 0; ; round++) {
      await using terminal = await connectTerminal(url, `from=${seq}`);
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
  await Promise.all(urls.flatMap((url) => Array.from({ length: VIEWERS }, () => look(url))));
  return { reconnects: made, wrongBytes, bytes };
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
