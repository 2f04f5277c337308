import { backedUpAndRestored } from './compose/compose-backup.ts';
import { dictated, everythingScraped } from './compose/compose-profiles.ts';
import { whatWasLeft } from './compose/compose-report.ts';
import { type ComposeStack, openComposeStack } from './compose/compose-stack.ts';
import { agentGoesOn, downAndUp, everyRoute, mainLoop, scaledAndKilled } from './compose/compose-steps.ts';

// `npm run test:compose [-- --no-build]`: the images and infra/compose.yaml as shipped, under a project name and on ports of
// its own. Prometheus and Whisper are stand-ins of theirs where their images are not on this machine. Left out are Grafana and
// certbot, and api-direct and host-terminals, which are services of the others. Needs a container engine with compose, and some minutes.
// `--kills=10` only kills: so many rounds of it.

const began = performance.now();
const seconds = (since: number): string => `${Math.round((performance.now() - since) / 1_000)} s`;
const say = (line: string): void => console.log(`test:compose ${seconds(began)}: ${line}`);

async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  const found = await work();
  say(`${what}: ${seconds(from)}${typeof found === 'string' ? ` (${found})` : ''}`);
}

function killsOnly(): number {
  const rounds = process.argv.find((arg) => arg.startsWith('--kills='))?.slice('--kills='.length);
  if (rounds !== undefined && !/^[1-9]\d*$/.test(rounds)) throw new Error(`--kills=${rounds}: not a number of rounds`);
  return Number(rounds ?? 0);
}

async function measure({ compose, docker }: ComposeStack): Promise<void> {
  const ids = (await compose('ps', '--quiet')).split('\n');
  const memory = await docker('stats', '--no-stream', '--format', '{{.Name}}\t{{.MemUsage}}', ...ids);
  const images = (await compose('images', '--format', 'json')).trim();
  say(`memory\n${memory}`);
  for (const { Repository, Size } of JSON.parse(images) as { Repository: string; Size: number }[])
    say(`image ${Repository} ${Math.round(Size / 1_000_000)} MB`);
}

async function main(): Promise<void> {
  const rounds = killsOnly();
  await using stack = await openComposeStack();
  try {
    if (!process.argv.includes('--no-build'))
      await step('images are built', async () => void (await stack.compose('build')));
    await step('images of other makers', () => stack.bringImages());
    await step('everything is healthy', () => stack.up());
    for (let round = 1; round <= rounds; round += 1)
      await step(`kills, round ${round} of ${rounds}`, () => scaledAndKilled(stack));
    if (rounds > 0) return;
    await measure(stack);
    await step('every route', () => everyRoute(stack));
    await step('the main loop through nginx over TLS', () => mainLoop(stack));
    await step('speech becomes text', () => dictated(stack));
    await step('an agent goes on while the services of its runner are restarted and made anew', () =>
      agentGoesOn(stack),
    );
    await step('three of each, one of all killed every few seconds', () => scaledAndKilled(stack));
    await step('Prometheus scrapes every replica', () => everythingScraped(stack));
    await step('down and up with live tickets', () => downAndUp(stack));
    await step('backup, wipe, restore', () => backedUpAndRestored(stack));
    say('all passed');
  } catch (err) {
    say(await whatWasLeft(stack));
    throw err;
  }
}

await main().catch((err: unknown) => {
  console.error(`test:compose: ${err instanceof Error ? err.message : String(err)}`);
  process.exitCode = 1;
});
