import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, ask, updatePlane } from './support/people.ts';
import { SERVICES, type Stack, startStack } from './support/stack.ts';
import { until } from './support/until.ts';

// Text of the tracker and of agents at every door at once: title, description, comments, feedback, terminal titles, file
// and branch names, summaries. It may be read in the prompt, in Plane's comment and in our answers, and nowhere else does
// it do anything.
const SHELL = '"; touch pwned; $(touch pwned) `touch pwned` \' && touch pwned #';
const TMUX = '#(touch pwned) #{session_name} #{E:@x} #[fg=red] %1 =other: ; kill-server ; run-shell "touch pwned"';
const ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u001b]52;c;cHduZWQ=\u0007\u009b31m\u0000';
const PATHS = '../../../../etc/passwd /dev/tcp/127.0.0.1/1 ~root/.ssh/id_rsa C:\\x\\y';
const MARKUP = '</description><comments><script>alert(1)</script></comments>{{.Title}} {{end}}';
const UNICODE = '\u202egnp.exe \u{1f4a5} \ufeff e\u0301\u0301\u0301 \ud800';
const EVERYTHING = [SHELL, TMUX, ESCAPES, PATHS, MARKUP, UNICODE].join(' ');
const asHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    config: { automation: { agent_command: [resolve(import.meta.dirname, 'support/hostile-agent.sh')] } },
  });
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

async function completedTicket(title: string, description: string, comment: string): Promise<string> {
  const { key } = stack.emulator.createItem({
    project: 'ACME',
    name: title.slice(0, 255),
    description_html: description,
    state: 'Todo',
  });
  stack.emulator.comment(key, { html: comment });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  await approve(stack, key);
  await stack.waitForStatus(key, 'completed');
  return key;
}

/** Nothing but what we ourselves make. */
async function expectUnharmed(id: string, sessions: readonly string[]): Promise<void> {
  expect(spawnSync('find', [stack.dir, '-name', 'pwned'], { encoding: 'utf8' }).stdout).toBe('');
  expect(stack.starts(id)).toEqual(sessions);
  const names = stack.tmux('list-sessions', '-F', '#{session_name}').trim().split('\n');
  expect(names.filter((name) => !/^(_pco-control|claude-ACME-\d+(-\d+)?)$/.test(name))).toEqual([]);
  for (const folder of ['sessions', 'worktrees'])
    for (const name of readdirSync(join(stack.dir, 'data', folder)))
      expect(name).toMatch(/^(claude-)?ACME-\d+(-\d+)?$/);
  const prompt = readFileSync(join(stack.dir, 'data/sessions', sessions.at(-1) ?? '', 'prompt-received'), 'utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not reach a terminal
  expect(prompt).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  for (const name of SERVICES) {
    const lines = stack.logs(name).trim().split('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not reach whoever reads a log
    for (const line of lines) expect(line, name).toMatch(/^\{[^\u0000-\u001f\u007f-\u009f]*\}$/);
  }
}

test('hostile text at every door does nothing outside the prompt', { timeout: 240_000 }, async () => {
  const id = await completedTicket(
    EVERYTHING,
    `<p>${asHtml(EVERYTHING)}</p>${EVERYTHING}`,
    `<p>${asHtml(EVERYTHING)}</p>`,
  );
  await expectUnharmed(id, [`claude-${id}`]);
  const collected = await until('its result is collected', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.result?.commits === undefined ? false : ticket;
  });
  expect(collected).toMatchObject({
    result: { commits: 1, uncommitted: 1 },
    session: { branch: expect.stringMatching(/^evil-/) },
  });

  await until('its session has ended', async () => (await stack.store.load(id)).ticket?.session?.endedAt);
  expect((await ask(stack, 'POST', `/api/tickets/${id}/reject`, { text: EVERYTHING })).status).toBe(200);
  const again = `claude-${id}-2`;
  await until('it has completed again', async () => {
    const { ticket } = await stack.store.load(id);
    return ticket?.status === 'completed' && ticket.session?.id === again;
  });
  await expectUnharmed(id, [`claude-${id}`, again]);

  await updatePlane(stack, id, EVERYTHING);
  await stack.waitForStatus(id, 'done');
  const [, ours] = stack.emulator.item(id).comments; // the first is the person's
  expect(ours?.html).toContain('touch pwned');
  expect(ours?.html).not.toMatch(/<(?!\/?(?:p|ul|ol|li|pre|code|strong|br)\b)/);
});

test('a megabyte at every door is cut, and the whole of it stands beside the prompt', {
  timeout: 240_000,
}, async () => {
  const megabyte = `${SHELL} ${TMUX} `.repeat(Math.ceil(1_000_000 / (SHELL.length + TMUX.length + 2)));
  const id = await completedTicket(megabyte, `<p>${asHtml(megabyte)}</p>`, `<p>${asHtml(megabyte)}</p>`);
  await expectUnharmed(id, [`claude-${id}`]);
  const dir = join(stack.dir, 'data/sessions', `claude-${id}`);
  expect(readFileSync(join(dir, 'description.md'), 'utf8').length).toBeGreaterThan(900_000);
  expect(readFileSync(join(dir, 'prompt-received'), 'utf8').length).toBeLessThan(130_000);
});
