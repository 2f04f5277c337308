import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventually, fixture, sandbox, serve } from './testing/fixture.ts';
import { terminal } from './testing/terminal-client.ts';

const TOKEN = '0123456789abcdef';
const CLOSED = { PCO_TMUX_SESSION_SERVICE_TOKEN: TOKEN, PCO_TMUX_SESSION_SERVICE_ACCOUNTS: 'closed' };
const OPEN = { ...CLOSED, PCO_TMUX_SESSION_SERVICE_ACCOUNTS: 'open' };
const as = (token: string) => ({ authorization: `Bearer ${token}` });
const tokenIn = (body: unknown): string => z.object({ token: z.string() }).parse(body).token;
const ANNA = { username: 'Anna', password: 'correct horse' };

test('accounts are off unless switched on', async () => {
  await using service = await fixture({ PCO_TMUX_SESSION_SERVICE_TOKEN: TOKEN });
  expect(await service.call('POST', '/auth/register', ANNA, as(TOKEN))).toMatchObject({ status: 404 });
  expect(await service.call('POST', '/auth/login', ANNA)).toMatchObject({ status: 401 });
});

test('people register, log in, and stay logged in over a restart until they log out', async () => {
  await using box = await sandbox();
  let token = '';
  {
    await using service = await serve(box, CLOSED);
    expect(await service.call('POST', '/auth/register', ANNA)).toMatchObject({ status: 403 });
    const made = await service.call('POST', '/auth/register', ANNA, as(TOKEN));
    expect(made).toMatchObject({
      status: 201,
      body: { user: { username: 'anna', projects: [{ id: 'shell-workspace', name: 'Shell Workspace' }] } },
    });
    expect(await service.call('POST', '/auth/register', ANNA, as(TOKEN))).toMatchObject({ status: 409 });
    for (const bad of [
      {},
      { username: 'b' },
      { username: 'b', password: 'short' },
      { username: 'a b', password: 'long enough' },
    ])
      expect(await service.call('POST', '/auth/register', bad, as(TOKEN))).toMatchObject({ status: 400 });
    token = tokenIn((await service.call('POST', '/auth/login', ANNA)).body);
    const stored = await readFile(join(box.dir, 'data/users.json'), 'utf8');
    expect(stored).toMatch(/"passwordHash": "[0-9a-f]{32}:[0-9a-f]{128}"/);
    expect(stored).not.toContain(token);
  }
  await using service = await serve(box, CLOSED);
  expect(await service.call('GET', '/me', undefined, as(token))).toMatchObject({
    body: { user: { username: 'anna' } },
  });
  expect(await service.call('POST', '/auth/logout', undefined, as(token))).toMatchObject({ status: 204 });
  expect(await service.call('GET', '/me', undefined, as(token))).toMatchObject({ status: 401 });
});

test('a wrong password and an unknown name look alike, and guessing is slowed down', async () => {
  await using service = await fixture(OPEN);
  await service.call('POST', '/auth/register', ANNA);
  const wrong = { ...ANNA, password: 'something else' };
  const answers = [await service.call('POST', '/auth/login', wrong)];
  answers.push(await service.call('POST', '/auth/login', { ...wrong, username: 'nobody' }));
  expect(answers[0]).toMatchObject({ status: 401, body: answers[1]?.body });
  for (let count = 0; count < 4; count++) await service.call('POST', '/auth/login', wrong);
  expect(await service.call('POST', '/auth/login', ANNA)).toMatchObject({
    status: 429,
    body: { code: 'LOGIN_THROTTLED' },
  });
});

test('projects are replaced whole, and not by who has not seen the latest', async () => {
  await using service = await fixture(OPEN);
  const token = tokenIn((await service.call('POST', '/auth/register', ANNA)).body);
  expect(await service.call('GET', '/me/projects', undefined, as(token))).toMatchObject({ body: { version: 1 } });
  const first = { projects: [{ id: 'a', name: 'A', terminals: [] }], version: 1 };
  expect(await service.call('PUT', '/me/projects', first, as(token))).toMatchObject({
    status: 200,
    body: { version: 2 },
  });
  expect(await service.call('PUT', '/me/projects', first, as(token))).toMatchObject({
    status: 409,
    body: { code: 'PROJECTS_CHANGED' },
  });
  expect((await service.call('GET', '/me/projects', undefined, as(token))).body).toEqual({ ...first, version: 2 });
  expect(await service.call('GET', '/me', undefined, as(TOKEN))).toMatchObject({ status: 401 });
});

test('everybody meets only sessions of his own', async () => {
  await using service = await fixture(OPEN);
  const anna = tokenIn((await service.call('POST', '/auth/register', ANNA)).body);
  const ben = tokenIn(
    (await service.call('POST', '/auth/register', { username: 'ben', password: 'battery staple' })).body,
  );
  const command = ['sh', '-c', 'echo private; exec cat'];
  expect(await service.call('PUT', '/sessions/mine', { command, owner: 'ben' }, as(anna))).toMatchObject({
    body: { created: true, session: { owner: 'anna' } },
  });
  await eventually(
    async () => (await service.call('GET', '/sessions/mine/screen', undefined, as(anna))).body,
  ).toMatchObject({ screen: expect.stringContaining('private') });
  expect((await service.call('GET', '/sessions', undefined, as(ben))).body).toEqual({ sessions: [] });
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/screen'],
    ['GET', '/recording'],
    ['POST', '/input'],
    ['PUT', ''],
    ['DELETE', ''],
  ] as const)
    expect(await service.call(method, `/sessions/mine${path}`, undefined, as(ben)), path).toMatchObject({
      status: 404,
    });
  expect(await service.call('POST', '/sessions', { sessionId: 'mine' }, as(ben))).toMatchObject({ status: 409 });
  expect(await terminal(service.url, `/ws/sessions/mine?token=${ben}`).closed).toBe(1006);
  const own = terminal(service.url, `/ws/sessions/mine?token=${anna}`);
  await eventually(own.output).toContain('private');
  expect((await service.call('GET', '/sessions', undefined, as(TOKEN))).body).toMatchObject({
    sessions: [{ owner: 'anna' }],
  });

  await service.call('DELETE', '/sessions/mine', undefined, as(anna));
  expect(await service.call('GET', '/sessions/mine/recording', undefined, as(ben))).toMatchObject({ status: 404 });
  expect(await service.call('GET', '/sessions/mine/recording', undefined, as(anna))).toMatchObject({ status: 200 });
});

test('a damaged file of accounts is kept aside', async () => {
  await using box = await sandbox();
  {
    await using service = await serve(box, OPEN);
    await service.call('POST', '/auth/register', ANNA);
  }
  await writeFile(join(box.dir, 'data/users.json'), '{"half');
  await using service = await serve(box, OPEN);
  expect(await service.call('POST', '/auth/login', ANNA)).toMatchObject({ status: 401 });
});
