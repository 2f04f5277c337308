import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Container } from './manifest.ts';

/** What a file of a secret may hold, where any sixteen characters will not do. */
const CONTENTS: Readonly<Record<string, string>> = {
  'redis-url': 'redis://:0123456789abcdef@pco-redis:6379/0\n',
  'api-tokens.yaml': `prometheus: { role: viewer, hash: "${'0'.repeat(64)}" }\n`,
};

interface Place {
  /** Where files in place of the secrets may be. */
  readonly dir: string;
  /** The configuration that the pod would have at /etc/pco/config.yaml. */
  readonly config: string;
}

/** The variables that a container would have in the first pod of its kind, for tests. */
export function environmentOf({ env }: Container, { dir, config }: Place): Record<string, string> {
  const given = env.map(({ name, value = '10.0.0.7' }) => {
    if (name === 'PCO_CONFIG') return [name, config];
    if (!value.startsWith('/run/secrets/')) return [name, value.replace('$(POD_NAME)', 'pco-runner-0')];
    const file = join(dir, basename(value));
    writeFileSync(file, CONTENTS[basename(value)] ?? '0123456789abcdef\n');
    return [name, file];
  });
  return Object.fromEntries(given);
}
