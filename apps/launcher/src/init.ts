import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { readConfig } from '@pco/shared/config';
import { messageOf } from '@pco/shared/errors';
import { askLogin, askProjects, askRepo, readTokenFile } from './init/answers.ts';
import { type Ask, createAsk } from './init/ask.ts';
import { configText } from './init/config-text.ts';
import { INIT_USAGE, type InitFlags, parseInitFlags, usageError } from './init/init-flags.ts';
import { listProjects, type PlaneLogin, projectLine } from './init/plane.ts';
import { readPlaneUrl } from './init/plane-url.ts';
import { Refusal } from './refusal.ts';

// `npm run init`: from questions to a config.yaml that works.
try {
  await main(parseInitFlags(process.argv.slice(2)));
} catch (err) {
  const isUsage = err instanceof TypeError; // of parseArgs
  if (!isUsage && !(err instanceof Refusal)) throw err;
  process.stderr.write(isUsage ? usageError(err) : `${messageOf(err)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

async function main(flags: InitFlags): Promise<void> {
  if (flags.help) return void process.stdout.write(INIT_USAGE);
  using ask = createAsk(process);
  if (flags.listProjects) return await showProjects(flags, ask);
  const file = resolve(flags.config ?? 'config.yaml');
  await mayWrite(file, flags, ask);
  const login = await askLogin(flags, ask);
  const projects = await askProjects(flags, ask, await listProjects(login));
  const chosen = [];
  for (const { id, identifier, name } of projects)
    chosen.push({
      id,
      identifier,
      name,
      repo: await askRepo(flags, ask, { id, identifier, name, isMember: true, archivedAt: null }),
    });

  const tokenFile = flags.tokenFile === undefined ? resolve(dirname(file), 'plane-token') : resolve(flags.tokenFile);
  if (flags.tokenFile === undefined) writePrivate(tokenFile, `${login.token}\n`);
  const named = relative(dirname(file), tokenFile);
  writePrivate(file, configText({ ...login, tokenFile: named.startsWith('..') ? tokenFile : named, projects: chosen }));
  ask.say(`\nwritten: ${file} (the token is in ${tokenFile})`);
  ask.say('next: npm run doctor, then npm start');
  ask.say('later, so that changes in Plane are known at once: "Webhooks" in README.md');
}

/** Never over an existing file without a word. */
async function mayWrite(file: string, { force }: InitFlags, ask: Ask): Promise<void> {
  if (force || !existsSync(file)) return;
  if (!ask.isInteractive) throw new Refusal(`${file} exists; --force replaces it`);
  const answer = await ask.line(`${file} exists. Replace it? [y/N]`);
  if (!/^y(es)?$/i.test(answer)) throw new Refusal('nothing was changed');
}

/** A new file: writing into an old one would keep its mode. */
function writePrivate(file: string, text: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode: 0o600 });
}

/** B-047. With what a configuration or the flags say, and only otherwise by asking. */
async function showProjects(flags: InitFlags, ask: Ask): Promise<void> {
  const login = configuredLogin(flags) ?? (await askLogin(flags, ask));
  for (const project of await listProjects(login)) ask.say(projectLine(project));
}

function configuredLogin({ planeUrl, tokenFile, workspace, config }: InitFlags): PlaneLogin | undefined {
  if (planeUrl !== undefined && tokenFile !== undefined && workspace !== undefined)
    return { apiUrl: readPlaneUrl(planeUrl).apiUrl, token: readTokenFile(tokenFile), workspace };
  if (planeUrl !== undefined) return undefined;
  try {
    const env = { ...process.env, PCO_PLANE_PROJECT_IDS: 'any' }; // whoever wants to list them knows none yet
    const argv = config === undefined ? [] : ['--config', config];
    const { plane } = readConfig({ env, argv, cwd: process.cwd() });
    return { apiUrl: plane.api_url, token: plane.api_token ?? '', workspace: plane.workspace_slug };
  } catch {
    return undefined; // there is no configuration, or only half of one
  }
}
