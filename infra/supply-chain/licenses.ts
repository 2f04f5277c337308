import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

// `npm run licenses`: the licence of every package of the lockfile, and whether all are ones that we may use.

const ROOT = resolve(import.meta.dirname, '../..');

/** Whoever uses the product owes no more than a mention. */
const FREE = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC-BY-4.0', 'CC0-1.0'],
  ...['ISC', 'MIT', 'MIT-0', 'Python-2.0', 'Unlicense'],
]);
/** Changes to their own files would have to be published. They are tools that we use as they are and do not ship. */
const TOOLS: Readonly<Record<string, RegExp>> = {
  'MPL-2.0': /^(?:axe-core|lightningcss(?:-[a-z0-9-]+)?)$/,
};

/** The lockfile does not know the old way in which these say it. Read in their LICENSE. */
const SAID_OTHERWISE: Readonly<Record<string, string>> = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' };

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Needed while developing, and by nobody who runs it. */
  readonly isTool: boolean;
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/** @param lock the text of a package-lock.json */
export function packagesOf(lock: string): Package[] {
  const entries = Object.entries(Lock.parse(JSON.parse(lock)).packages);
  return entries
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .map(([path, { version = '', license, dev = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, license: license ?? SAID_OTHERWISE[name] ?? 'none', isTool: dev };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Licences as SPDX expressions; of `A OR B` we choose, of `A AND B` both hold. */
export function isAllowed({ name, license }: Package): boolean {
  const terms = license.replace(/^\((.*)\)$/, '$1');
  if (terms.includes(' OR ')) return terms.split(' OR ').some((one) => isAllowedTerm(name, one));
  return terms.split(' AND ').every((one) => isAllowedTerm(name, one));
}

const isAllowedTerm = (name: string, license: string): boolean =>
  FREE.has(license.trim()) || TOOLS[license.trim()]?.test(name) === true;

export const readPackages = (): Package[] => packagesOf(readFileSync(resolve(ROOT, 'package-lock.json'), 'utf8'));

if (import.meta.main) {
  const packages = readPackages();
  for (const { name, version, license, isTool } of packages)
    process.stdout.write(`${name}\t${version}\t${license}${isTool ? '\ttool' : ''}\n`);
  const wrong = packages.filter((one) => !isAllowed(one));
  for (const { name, version, license } of wrong)
    process.stderr.write(
      `${name} ${version}: ${license} is none of the licences that infra/supply-chain/licenses.ts allows\n`,
    );
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
