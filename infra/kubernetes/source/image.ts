import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FOLDER } from './manifest.ts';

interface Stage {
  readonly base: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
}

/** What an image brings by its recipe: the variables and the user of its target and of all that this is made from. */
export function imageOf(target: string): Omit<Stage, 'base'> {
  const stages = readStages(readFileSync(resolve(FOLDER, '../Dockerfile'), 'utf8'));
  const collect = (name: string): Omit<Stage, 'base'> => {
    const stage = stages.get(name);
    if (!stage) return { env: {}, user: undefined }; // an image of somebody else
    const below = collect(stage.base);
    return { env: { ...below.env, ...stage.env }, user: stage.user ?? below.user };
  };
  if (!stages.has(target)) throw new Error(`infra/Dockerfile has no target ${target}`);
  return collect(target);
}

function readStages(recipe: string): Map<string, Stage> {
  const lines = recipe
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  const stages = new Map<string, Stage>();
  let name = '';
  for (const line of lines) {
    const [, base = '', as] = /^FROM (\S+) AS (\S+)/.exec(line) ?? [];
    if (as !== undefined) {
      name = as;
      stages.set(name, { base, env: {}, user: undefined });
    }
    const stage = stages.get(name);
    if (!stage) continue; // above the first stage
    const pairs = line.startsWith('ENV ') ? [...line.matchAll(/\b([A-Z_]+)=(\S*)/g)] : [];
    const user = /^USER (\S+)/.exec(line)?.[1] ?? stage.user;
    const env = { ...stage.env, ...Object.fromEntries(pairs.map(([, key, value]) => [key, value])) };
    stages.set(name, { ...stage, env, user });
  }
  return stages;
}
