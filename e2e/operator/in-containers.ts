import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '@pco/shared/testing/free-port';
import type { Clock } from './clock.ts';
import { approveInBrowser } from './in-browser.ts';
import { commandsOf } from './readme-commands.ts';

const runs = promisify(execFile);

/** `docker compose up` of the README in a fresh clone, under a name and on ports of its own. */
export async function inContainers(clone: string, given: NodeJS.ProcessEnv, clock: Clock): Promise<void> {
  const [http, https, plane] = [await freePort(), await freePort(), await freePort()];
  const name = `pco-operator-${process.pid}`;
  const env = {
    ...given,
    COMPOSE_PROJECT_NAME: name,
    NETWORK: `${name}-network`,
    HTTP_PORT: String(http),
    HTTPS_PORT: String(https),
    PLANE_PORT: String(plane),
    PUBLIC_URL: `https://localhost:${https}`,
  };
  const run = async (command: string): Promise<string> =>
    (await runs('bash', ['-ec', command], { cwd: clone, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const [up = '', link = ''] = commandsOf(clone, 'In containers', 'text').trim().split('\n');
  if (!up.includes(' up ') || !link.includes('login-link')) throw new Error(`not as expected: ${up}; ${link}`);
  try {
    await clock.aside('images are built', () => run(up.replace(/ up .*/, ' build')));
    await clock.step(up, () => run(up));
    const printed = await clock.step(link, () => run(link));
    const address = /https?:\/\/\S+/.exec(printed)?.[0];
    if (address === undefined) throw new Error(`${link} printed no address: ${printed}`);
    await approveInBrowser(address, clock);
  } catch (err) {
    console.error((await run('docker compose logs --tail 15').catch(() => 'no logs')).slice(-6_000));
    throw err;
  } finally {
    await run('docker compose --profile try-out down --volumes --timeout 15').catch(() => undefined);
  }
}
