import { join } from 'node:path';
import { ROUTES } from '@pco/shared/contracts/http';
import { run } from '@pco/shared/run-program';
import { ROOT } from './services.ts';
import type { Stack } from './stack.ts';
import type { Terminal } from './terminal.ts';

/** Builds the page for browsers, which is quick when nothing of it has changed. Without it all else works. */
export async function buildDashboard(terminal: Terminal): Promise<void> {
  const script = join(ROOT, 'apps/dashboard/src/build.ts');
  const built = await terminal.during('preparing the dashboard', () => run(process.execPath, [script]));
  if (!built.ok) terminal.say(`the dashboard could not be built: ${built.output.trim()}`);
}

/**
 * Where the dashboard is; a link that logs one browser in, once, where a token is asked for and we know one. Both lead to the
 * page of the first start until something was approved.
 */
export async function dashboardWay({ apiUrl, config }: Pick<Stack, 'apiUrl' | 'config'>): Promise<string> {
  const plain = `dashboard ${config.api.public_url ?? apiUrl}/dashboard/`;
  const { token } = config.api;
  if (token === undefined) return (await isFirstStart(apiUrl)) ? `${plain}setup` : plain;
  const { method, path, answers } = ROUTES.createLoginLink;
  const answer = await fetch(`${apiUrl}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) return plain;
  return `dashboard ${answers[200].parse(await answer.json()).url}  (logs one browser in, once, within five minutes)`;
}

/** Whether nobody has approved anything here yet: the first page is then the one that tells what is missing. */
async function isFirstStart(apiUrl: string): Promise<boolean> {
  const { path, answers } = ROUTES.setup;
  const answer = await fetch(`${apiUrl}${path}?look=none`);
  return answer.ok && !answers[200].parse(await answer.json()).ever_approved;
}
