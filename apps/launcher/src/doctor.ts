import { parseArgs } from 'node:util';
import {
  bad,
  checkAgents,
  checkDataDir,
  checkPlane,
  checkPrograms,
  checkRepos,
  checkWebhooks,
  type Finding,
  ok,
} from '@pco/shared/checks';
import { type Config, configFile, readConfig } from '@pco/shared/config';
import { isCode, messageOf } from '@pco/shared/errors';
import { createPlaneClient, unlimitedBudget } from '@pco/shared/plane';
import { checkPorts } from './doctor/host.ts';
import { checkProgram, checkRedis } from './doctor/redis.ts';
import { goOnWithoutReader } from './terminal.ts';

const USAGE = `usage: npm run doctor -- [--config FILE] [--json]

Looks whether everything that npm start needs is there and says how to mend what is not. Changes nothing, costs nothing.
Ends with 1 when something keeps the product from working.
`;

// `npm run doctor`
goOnWithoutReader(process);
const options = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
try {
  const { values } = parseArgs({ options });
  if (values.help) process.stdout.write(USAGE);
  else await main(values.json === true);
} catch (err) {
  if (!(err instanceof TypeError)) throw err; // of parseArgs
  process.stderr.write(`${messageOf(err).split('. ')[0]}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function main(isJson: boolean): Promise<void> {
  const found: Finding[] = [];
  const tell = (findings: readonly Finding[]) => {
    found.push(...findings);
    if (!isJson) for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
  };
  for await (const findings of look()) tell(findings);
  if (isJson) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  if (found.some(({ level }) => level === 'bad')) process.exitCode = 1;
}

async function* look(): AsyncGenerator<Finding[]> {
  yield await checkPrograms();
  const source = { env: process.env, argv: process.argv.slice(2), cwd: process.cwd() };
  try {
    const file = configFile(source);
    if (file === undefined && !process.env.PCO_PLANE_API_URL) {
      yield [await checkProgram(), ok('configuration', 'none: npm start begins a try-out; npm run init writes one')];
      return;
    }
    const config = readConfig(source);
    yield [ok('configuration', file ?? 'from the environment'), checkDataDir(config)];
    yield await checkRedis(config);
    yield await lookAtPlane(config);
    yield [checkWebhooks(config)];
    yield await checkRepos(config, process.env);
    yield await checkAgents(config, process.env);
    yield await checkPorts(config);
  } catch (err) {
    if (!isCode(err, 'CONFIG_INVALID')) throw err;
    yield [
      bad('configuration', messageOf(err), 'correct it (config.example.yaml explains every key), or: npm run init'),
    ];
  }
}

async function lookAtPlane(config: Config): Promise<Finding[]> {
  const { api_url: apiUrl, api_token: token = '', workspace_slug, path_segment: pathSegment } = config.plane;
  const options = { apiUrl, token, workspaceSlug: workspace_slug, pathSegment };
  await using client = createPlaneClient({ ...options, budget: unlimitedBudget });
  return await checkPlane(config, client);
}

function lineOf({ level, what, detail, mend }: Finding): string {
  const word = level === 'bad' ? 'FAIL' : level;
  return `${word.padEnd(4)}  ${what}: ${detail}${mend ? `\n      -> ${mend}` : ''}`;
}
