import { expect, test } from 'vitest';
import { AppError, isRetryable, namedFailure } from './errors.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

test.each([
  ['of the system', full],
  ['of the system, wrapped', new AppError('TMUX_UNAVAILABLE', {}, { cause: full })],
  ['in the words of git', new AppError('WORKTREE_FAILED', { why: 'git worktree add: fatal: No space left on device' })],
  ['of a quota', Object.assign(new Error('x'), { code: 'EDQUOT' })],
])('a full disk is named as such, and is tried again: %s', (_what, err) => {
  const named = namedFailure(err);
  expect(named).toMatchObject({ code: 'DISK_FULL', message: expect.stringMatching(/^no space is left on a disk: /) });
  expect(isRetryable(named)).toBe(true);
  expect(namedFailure(named)).toBe(named);
});

test('no words of others make a full disk', () => {
  for (const err of [new AppError('PLANE_REFUSED', { why: 'No space left on device' }), new Error('other'), 'text'])
    expect(namedFailure(err)).toBe(err);
});
