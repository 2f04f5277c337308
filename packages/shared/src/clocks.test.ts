import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

// A host's clock may be wrong, and may be set at any moment. So where it is decided about tickets, polls and writes
// nobody reads one: the time is that of Redis, and what only waits goes by performance.now().
const ROOT = resolve(import.meta.dirname, '../../..');
const DECIDES = ['domain', 'engine', 'plane'].map((room) => join('packages/shared/src', room));
const READS = /\bDate\.now\b|\bnew Date\(\)/;

test.each([...DECIDES, 'apps/poller/src', 'apps/plane-writer/src'])('%s reads no clock of its host', (room) => {
  const sources = readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/\.test\.ts$|(?:^|\/)testing\//.test(name),
  );
  expect(sources.length).toBeGreaterThan(3);
  expect(sources.filter((name) => READS.test(readFileSync(join(ROOT, room, name), 'utf8')))).toEqual([]);
});
