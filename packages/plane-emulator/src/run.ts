import { readCommandLine, USAGE, UsageError } from './command-line.ts';
import { createPlaneEmulator, type PlaneEmulator } from './emulator.ts';
import { stopWithSignals } from './stop-with-signals.ts';

// `npm run plane-emulator`: a Plane to try things on, as a program of its own.

const say = (text: string): void => void process.stdout.write(text);

async function main(): Promise<number> {
  const given = readCommandLine(process.argv.slice(2));
  if (given === null) {
    say(USAGE);
    return 0;
  }
  const emulator = await createPlaneEmulator(given.options);
  stopWithSignals(emulator);
  if (emulator.state().length === 0) plant(emulator, given.items);
  const hook = given.webhook && webhookTo(emulator, given.webhook);
  const { url, apiUrl, apiKey, slug } = emulator;
  say(`plane emulator ready ${url} · API key ${apiKey} · workspace ${slug} · open ${url}/ to act as a person, `);
  say(`set plane.api_url to ${apiUrl} for the product, end it with Ctrl-C\n`);
  for (const { identifier, id } of emulator.projects()) say(`  project ${identifier}  ${id}\n`);
  if (hook) say(`  webhooks go to ${hook.url}, signed with ${hook.secret}\n`);
  return 0;
}

/** A state file may hold it already. */
const webhookTo = (emulator: PlaneEmulator, given: { url: string; secret?: string }) =>
  emulator.webhooks().find(({ url }) => url === given.url) ?? emulator.webhook(given);

function plant(emulator: PlaneEmulator, items: number): void {
  if (items === 0) return;
  for (const { identifier } of emulator.projects())
    emulator.createItems({ project: identifier, count: items, namePrefix: 'Work item', state: 'Backlog' });
}

try {
  process.exitCode = await main();
} catch (err) {
  const isTaken = err instanceof Error && 'code' in err && err.code === 'EADDRINUSE';
  const why = isTaken
    ? 'the port is taken; choose another with --port'
    : err instanceof Error
      ? err.message
      : String(err);
  process.stderr.write(`plane emulator: ${why}\n${err instanceof UsageError ? '--help shows the options\n' : ''}`);
  process.exitCode = err instanceof UsageError ? 2 : 1;
}
