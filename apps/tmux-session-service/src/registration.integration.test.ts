import { createLogger } from '@pco/shared/log';
import { createRegistry } from '@pco/shared/metrics';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { openSessionStore } from './session-store.ts';
import { createSessions } from './sessions.ts';
import { sandbox } from './testing/fixture.ts';
import { createTmux } from './tmux.ts';

test('a registration is not lost when a look that began before it ends after it', async () => {
  await using stack = new AsyncDisposableStack();
  const box = stack.use(await sandbox());
  const log = createLogger('test', 'silent');
  const store = stack.use(await openSessionStore(box.dir, log));
  const metrics = createMetrics(createRegistry());
  const env = { PATH: box.variables.PATH, HOME: box.dir, TMUX_TMPDIR: box.dir };
  const tmux = stack.use(
    createTmux({ bin: 'tmux', socket: box.socket, startsServer: true, env, log, metrics, onChange: () => {} }),
  );
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  let looks = 0;
  const sessions = createSessions({
    tmux: {
      ...tmux,
      // the first look is slow; tmux itself answers it
      async workingDirectory(id: string) {
        const cwd = await tmux.workingDirectory(id);
        if (looks++ > 0) return cwd;
        asked.resolve();
        await answered.promise;
        return cwd;
      },
    },
    store,
    recordings: { begin: async () => undefined, abandon: async () => {} },
    shell: '/bin/sh',
    home: box.dir,
    path: env.PATH,
    metrics,
    log,
  });
  await box.tmux('new-session', '-d', '-s', 'by-hand', 'cat', '-');
  const look = sessions.reconcile();
  await asked.promise;
  await sessions.put('by-hand', { projectId: 'p', source: 'ssh' });
  answered.resolve();
  await look;
  expect(await sessions.get('by-hand')).toMatchObject({ projectId: 'p', source: 'ssh', active: true });
});
