import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

test('rows that are made anew again and again leave little dead weight', () => {
  const program = resolve(import.meta.dirname, 'testing/churn.ts');
  const most = Number(execFileSync(process.execPath, ['--max-semi-space-size=4', program], { encoding: 'utf8' }));
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThan(2.5); // more than five where V8 is left to itself;
});
