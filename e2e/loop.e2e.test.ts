import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, updatePlane } from './support/people.ts';
import { type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
});

/** Alice plans a work item, the poller finds it. */
async function newTicket(name: string, description = '<p>Please do it.</p>'): Promise<string> {
  const { key } = stack.emulator.createItem({ project: 'ACME', name, description_html: description, state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  return key;
}

test('a planned work item becomes a session and comes back as one comment and one state change', async () => {
  const id = await newTicket('Round half cents up');
  expect((await approve(stack, id)).body).toMatchObject({ session_id: `claude-${id}`, ticket_id: id });
  const completed = await stack.waitForStatus(id, 'completed');
  expect(completed.summary).toBe(`Worked on ${id}.`);
  expect((await ask(stack, 'GET', `/api/tickets/${id}/diff`)).body).toMatchObject({
    branch: `pco/${id}`,
    committed: { files: [{ status: 'added', patch: expect.stringContaining('diff --git ') }] },
    uncommitted: { files: [] },
  });
  const foretold = await foretell(id, 'Half cents are rounded up.');
  expect((await updatePlane(stack, id, 'Half cents are rounded up.')).body).toMatchObject({
    status: 'updated',
    comment_posted: true,
    state_updated: true,
  });
  const item = stack.emulator.item(id);
  expect(item.state).toBe('In Progress');
  expect(item.comments.map(({ html }) => html)).toEqual([expect.stringContaining('<p>Half cents are rounded up.</p>')]);
  expect({ comment: item.comments[0]?.html, state: item.state }).toEqual(foretold);
  const result = await until('its result is collected', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.result?.commits === undefined ? false : ticket.result;
  });
  expect(result).toMatchObject({ commits: 1, uncommitted: 0 });
  expect(stack.starts(id)).toEqual([`claude-${id}`]);
});

/** What the api says that an update would write, once everything about the session is known. */
async function foretell(id: string, summary: string): Promise<unknown> {
  return until('the preview is complete', async () => {
    const { body } = await ask(stack, 'POST', `/api/tickets/${id}/preview`, { summary });
    return body.incomplete === null && { comment: body.comment_html, state: Object(body.state).name };
  });
}

test('what the service account wrote triggers nothing', async () => {
  const id = await newTicket('Own writes are no news');
  await approve(stack, id);
  await stack.waitForStatus(id, 'completed');
  await updatePlane(stack, id, 'Done.');
  await stack.waitForStatus(id, 'done');
  const before = stack.emulator.countRequests({ pathPattern: '/comments/', method: 'GET' });
  await stack.poll();
  await until(
    'the poll has read the comments',
    () => stack.emulator.countRequests({ pathPattern: '/comments/', method: 'GET' }) > before,
  );
  await idle();
  expect((await stack.store.load(id)).ticket?.status).toBe('done');
});

test('a comment of a person on a finished work item begins a new round, with a session name of its own', async () => {
  const id = await newTicket('Ask again');
  await approve(stack, id);
  await stack.waitForStatus(id, 'completed');
  await updatePlane(stack, id, 'Done.');
  await stack.waitForStatus(id, 'done');
  await idle();
  stack.emulator.comment(id, { html: '<p>One more thing</p>' });
  await until('the comment has moved the work item', async () => {
    await stack.poll();
    return (await stack.store.load(id)).ticket?.status === 'pending';
  });
  await approve(stack, id);
  const ticket = await stack.waitForStatus(id, 'completed');
  expect(ticket.trigger.type).toBe('comment_added');
  expect(stack.starts(id)).toEqual([`claude-${id}`, `claude-${id}-2`]);
});

/** Also those that found another one at work and come again. */
const pollsAreOver = (): Promise<unknown> =>
  until('no poll is left', async () => {
    const left = await stack.queues.get('plane-read').getJobCountByTypes('active', 'waiting', 'prioritized', 'delayed');
    return left === 0;
  });

/** Polls until one of them has nothing left to read. */
async function idle(): Promise<void> {
  await until('a poll found nothing', async () => {
    const before = stack.emulator.requests().at(-1)?.n ?? 0;
    await stack.poll();
    await pollsAreOver();
    return stack.emulator.countRequests({ after: before }) === 1;
  });
}

test('a poll of an idle project makes exactly one request', async () => {
  await idle();
  const before = stack.emulator.requests().at(-1)?.n ?? 0;
  await stack.poll();
  await pollsAreOver();
  await until('the request is logged', () => stack.emulator.countRequests({ after: before }) > 0);
  expect(
    stack.emulator.requests({ after: before }).map(({ method, path }) => `${method} ${path.split('?')[0]}`),
  ).toEqual([`GET /api/v1/workspaces/demo/projects/${stack.project.id}/work-items/`]);
});

test('fifty people approve at once: one session, and everybody is told the same', async () => {
  const id = await newTicket('Everybody wants this');
  const answers = await Promise.all(Array.from({ length: 50 }, () => approve(stack, id)));
  expect(new Set(answers.map(({ body }) => body.session_id))).toEqual(new Set([`claude-${id}`]));
  await stack.waitForStatus(id, 'completed');
  expect(stack.starts(id)).toHaveLength(1);
});

const linesWith = (log: string, id: string): string =>
  log
    .split('\n')
    .filter((line) => line.includes(id))
    .join('\n');

test('one correlation id runs through the logs of every service', async () => {
  const id = await newTicket('Follow me');
  const click = `click-${id}`;
  const headers = { 'x-request-id': click };
  expect((await fetch(`${stack.api}/api/approve/${id}?wait=0`, { method: 'POST', headers })).ok).toBe(true);
  await stack.waitForStatus(id, 'completed');
  const second = `second-click-${id}`;
  expect(
    await fetch(`${stack.api}/api/update-plane/${id}`, {
      method: 'POST',
      headers: { 'x-request-id': second, 'content-type': 'application/json' },
      body: JSON.stringify({ summary: 'Followed.' }),
    }),
  ).toMatchObject({ ok: true });
  const ticket = await stack.waitForStatus(id, 'done');
  for (const name of ['poller', 'api', 'session-worker', 'plane-writer'] as const)
    expect(stack.logs(name), name).toContain(`"cid":"${ticket.cid}"`);
  expect(linesWith(stack.logs('api'), click), 'the click leads to the id').toMatch(`"cid":"${ticket.cid}"`);
  const written = linesWith(stack.logs('plane-writer'), ticket.cid);
  expect(written, 'and the id to what was written to Plane').toMatch(/"event":"plane\.comment-written"/);
  expect(written).toMatch(/"event":"plane\.state-written"/);
  const { uuid } = ticket.workItem;
  const sent = stack.emulator.requests({ pathPattern: uuid }).filter(({ method }) => method !== 'GET');
  expect(sent).toHaveLength(2);
  for (const request of sent) expect(request).toMatchObject({ requestId: second, correlationId: ticket.cid });
  expect(linesWith(stack.logs('session-worker'), click), 'the first click leads to the session').not.toBe('');
});

const HOSTILE: readonly [string, string, string][] = [
  [
    'shell',
    '"; touch pwned; $(touch pwned) `touch pwned` \' && rm -rf ~ #',
    '<p>$(touch pwned) `touch pwned`; touch pwned</p>',
  ],
  ['path', '../../../../etc/passwd', '<p>../../../etc/passwd</p>'],
  [
    'HTML',
    '<img src=x onerror=alert(1)></title><script>alert(1)</script>',
    '<script>alert(1)</script><p onclick=x>hi</p>',
  ],
  ['terminal escapes', '\u001b]0;owned\u0007\u001b[2J\u001b[31mred', '<p>\u001b[2J\u001b]52;c;cHduZWQ=\u0007</p>'],
  ['unicode', '\u202egnp.exe \u{1f4a5} \ufeff', '<p>\u0000 \u202e \u{1f4a5}</p>'],
];

test.each(HOSTILE)('a hostile title and description go through unharmed: %s', async (_kind, name, description) => {
  const id = await newTicket(name.slice(0, 255), description);
  await approve(stack, id);
  const ticket = await stack.waitForStatus(id, 'completed');
  const prompt = readFileSync(join(stack.dir, 'data/sessions', ticket.session?.id ?? '', 'prompt-received'), 'utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not reach a terminal
  expect(prompt).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  await updatePlane(stack, id, `${name} <b>&\n${description}`);
  await stack.waitForStatus(id, 'done');
  const [comment] = stack.emulator.item(id).comments;
  expect(comment?.html).not.toMatch(/<(?!\/?(?:p|ul|ol|li|pre|code|strong)>)/);
  const { stdout } = spawnSync('find', [stack.dir, '-name', 'pwned'], { encoding: 'utf8' });
  expect(stdout).toBe('');
});

test('a description of 1 MB and one of null go through', async () => {
  const big = await newTicket('Big', `<p>${'word '.repeat(210_000)}</p>`);
  const empty = await newTicket('Empty', '');
  await approve(stack, big);
  await approve(stack, empty);
  const ticket = await stack.waitForStatus(big, 'completed');
  await stack.waitForStatus(empty, 'completed');
  const dir = join(stack.dir, 'data/sessions', ticket.session?.id ?? '');
  expect(readFileSync(join(dir, 'prompt-received'), 'utf8')).toContain('the whole text is in');
  expect(readFileSync(join(dir, 'description.md'), 'utf8').length).toBeGreaterThan(1_000_000);
});

test('hostile ticket ids are refused at every door', async () => {
  for (const id of ['../../x', 'ACME-1;rm', 'acme-1', 'ACME-1%00', `ACME-${'9'.repeat(300)}`, '$(id)', 'ACME-١']) {
    const { status } = await ask(stack, 'POST', `/api/approve/${encodeURIComponent(id)}`);
    expect([404, 414, 422], id).toContain(status);
  }
});
