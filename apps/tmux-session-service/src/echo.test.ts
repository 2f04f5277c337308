import { expect, test } from 'vitest';
import { isEchoed } from './echo.ts';

const LINE = 'Read and follow /data/sessions/claude-ACME-1/feedback/ACME-1-v10-2.md';

test.each([
  ['as it was typed', '❯ ', `❯ ${LINE}`, true],
  [
    'wrapped and framed',
    '│ ❯ │',
    '│ ❯ Read and follow /data/sessions/claude-ACM │\n│   E-1/feedback/ACME-1-v10-2.md │',
    true,
  ],
  ['not yet', '❯ ', '❯ ', false],
  ['only half of it', '❯ ', '❯ Read and follow /data/sessions/claude-ACME-1/feedback/ACM', false],
  ['it stood there before', `> ${LINE}\n❯ `, `> ${LINE}\n❯ `, false],
  ['it stands there once more', `> ${LINE}\n❯ `, `> ${LINE}\n❯ ${LINE}`, true],
])('%s', (_, before, after, expected) => {
  expect(isEchoed(LINE, before, after)).toBe(expected);
});

test('blanks show nothing that could be waited for', () => {
  expect(isEchoed('  \n', '', '')).toBe(true);
});
