import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, fixture, sandbox, serve } from './testing/fixture.ts';

test('a program is started where tmux runs, with exactly its arguments, and is no session', async () => {
  await using service = await fixture();
  await service.put('one', { command: ['cat', '-'] });
  const file = join(service.dir, 'out');
  const words = ["it's", '#{pid} #S %H', '$HOME "x" `id` \\', 'a\nb', '~'];
  const command = ['/bin/sh', '-c', 'out=$0; printf "%s|" "$TMUX" "$@" > "$out"', file, ...words];
  expect((await service.call('POST', '/commands', { command })).status).toBe(202);
  await eventually(() => readFile(file, 'utf8').catch(() => '')).toContain(`|${words.join('|')}|`);
  expect(await readFile(file, 'utf8')).toContain(service.socket);
  expect((await service.list()).map(({ sessionId }) => sessionId)).toEqual(['one']);
});

test('a command needs an absolute path and the token of the service, and starts no server', async () => {
  await using box = await sandbox();
  const token = 'token-of-the-service';
  await using service = await serve(box, { PCO_TMUX_SESSION_SERVICE_TOKEN: token, PCO_TMUX_SERVER: 'join' });
  const post = (command: string[], authorization = `Bearer ${token}`) =>
    service.call('POST', '/commands', { command }, { authorization });
  expect((await post(['/bin/true'], 'Bearer another')).status).toBe(401);
  expect((await post(['true'])).status).toBe(400);
  expect(await post(['/bin/true'])).toMatchObject({ status: 503, body: { code: 'TMUX_UNAVAILABLE' } });
  expect((await service.call('GET', '/health')).status).toBe(503);
  await expect(box.tmux('-N', 'list-sessions')).rejects.toThrow();
});
