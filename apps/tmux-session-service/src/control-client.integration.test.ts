import { expect, test } from 'vitest';
import { connect } from './control-client.ts';
import { sandbox } from './testing/fixture.ts';

const LIMIT_MS = 2_500;
const sleep = (seconds: number) => [['run-shell', `sleep ${seconds}`]];

test('many commands may wait longer for their turn than a single one may take', async () => {
  await using box = await sandbox();
  const { PATH, TMUX_TMPDIR } = box.variables;
  const hidden = ['-C', 'new-session', '-A', '-s', '_test', '--', 'cat', '-'];
  await using connection = await connect({
    bin: 'tmux',
    args: ['-u', '-L', box.socket, '-f', '/dev/null', ...hidden],
    env: { PATH, TMUX_TMPDIR, LANG: 'C.UTF-8' },
    onNotification: () => {},
    commandTimeoutMs: LIMIT_MS,
  });
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 8 }, () => connection.run(sleep(0.4))));
  expect(answers).toHaveLength(8);
  expect(performance.now() - began).toBeGreaterThan(LIMIT_MS);
  await connection.run(sleep(60)); // answered at once, but holds up what follows
  await expect(connection.run(sleep(0))).rejects.toMatchObject({ code: 'TMUX_UNAVAILABLE' });
  expect(connection.closed).toBe(true);
});
