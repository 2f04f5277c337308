import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildPage } from './build-page.ts';

// Builds the page into dist/, unless dist/ was built from exactly these sources.

const APP = resolve(import.meta.dirname, '..');
const ROOT = resolve(APP, '../..');
const DIST = join(APP, 'dist');
const STAMP = join(DIST, '.built-from');
const SOURCES = [join(APP, 'src'), join(APP, 'public'), join(ROOT, 'packages/shared/src')];
const FILES = [join(APP, 'index.html'), join(APP, 'package.json'), join(ROOT, 'package-lock.json')];

function sourceHash(): string {
  const inside = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256');
  for (const file of [...inside, ...FILES].sort()) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  return hash.digest('hex');
}

const hash = sourceHash();
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== hash) {
  await buildPage({ root: APP, outDir: DIST });
  writeFileSync(STAMP, hash);
}
