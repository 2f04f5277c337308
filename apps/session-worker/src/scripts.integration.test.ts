import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPTS = join(import.meta.dirname, '../../../scripts');
const SESSION = 'claude-ACME-16';

/** What people and agents write, verbatim. */
const HOSTILE = [
  `"double", 'single', \`id\`, $(touch pwned), \${HOME}, $HOME; rm -rf / & | > < \\ \\n %s %n !! #`,
  'two\nlines\n\nand more',
  '語 ünïcödé 🙂 ‮reversed',
  '-n -e --help',
  'x'.repeat(60_000),
];

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Folders of a session, gone at the end of the test. */
async function session() {
  const root = await mkdtemp(join(tmpdir(), 'pco-scripts-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [dir, spool, signals, work] = ['session', 'spool', 'signals', 'work'].map((name) => join(root, name));
  if (!dir || !spool || !signals || !work) throw new Error('four names make four folders');
  for (const folder of [dir, spool, signals, work]) await mkdir(folder);
  const outside = { PATH: process.env.PATH ?? '', HOME: root, PCO_SIGNAL_DIR: signals };
  const inside = {
    ...outside,
    PCO_TICKET: 'ACME-16',
    PCO_SESSION_DIR: dir,
    PCO_SESSION_ID: SESSION,
    PCO_SPOOL_DIR: spool,
    PCO_AGENT_PATH: [SCRIPTS, process.env.PATH].join(delimiter),
  };
  const run = (command: string, args: readonly string[], env: Record<string, string>, input = ''): Promise<Ran> =>
    finished(spawn(command, args, { cwd: work, env, stdio: 'pipe' }), input);
  /** An agent of so many lines of shell; its last argument is the prompt. */
  const agent = async (lines: string): Promise<string> => {
    const path = join(root, `agent-${crypto.randomUUID()}`);
    await writeFile(path, `#!/bin/bash\n${lines}\n`);
    await chmod(path, 0o755);
    return path;
  };
  return { root, dir, spool, signals, work, outside, inside, run, agent };
}

async function finished(child: ChildProcess, input: string): Promise<Ran> {
  child.stdin?.on('error', () => undefined); // whoever does not read need not
  child.stdin?.end(input);
  const [out, err, code] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { code, out, err };
}

// --- complete-ticket -----------------------------------------------------------------------------------------------

const COMPLETE = join(SCRIPTS, 'complete-ticket');

test.each([
  ['nothing', []],
  ['no summary', ['ACME-16']],
  ['too much', ['ACME-16', 'a', 'b']],
  ['a blank summary', ['ACME-16', ' \n\t']],
  ['an empty summary', ['ACME-16', '']],
  ...['acme-16', '../../etc/x', 'ACME-16/..', 'ACME-16;x', 'ACME', '', 'ACME-16\n', '$(id)'].map(
    (id): [string, string[]] => [`the key ${JSON.stringify(id)}`, [id, 'done']],
  ),
])('complete-ticket given %s says how it is used and writes nothing', async (_what, args) => {
  const s = await session();
  const { code, out, err } = await s.run(COMPLETE, args, s.outside);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/complete-ticket/);
  expect(await readdir(s.signals)).toEqual([]);
});

test.each(HOSTILE)('complete-ticket leaves the summary as it is, outside a session: %#', async (summary) => {
  const s = await session();
  const { code, out } = await s.run(COMPLETE, ['ACME-16', summary], s.outside);
  expect(code).toBe(0);
  expect(out).toContain('within 5 seconds');
  expect(await readdir(s.signals)).toEqual(['completion-ACME-16.txt']);
  expect(await readFile(join(s.signals, 'completion-ACME-16.txt'), 'utf8')).toBe(`${summary}\n`);
  expect(await readdir(s.work)).toEqual([]);
});

test('inside a session complete-ticket writes to its spool, readable by its user alone', async () => {
  const s = await session();
  const { code } = await s.run(COMPLETE, ['ACME-16', 'done'], s.inside);
  expect(code).toBe(0);
  const file = join(s.spool, `completion-${SESSION}.txt`);
  expect(await readFile(file, 'utf8')).toBe('done\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(s.dir, 'completed'))).toBe(true);
  expect(await readdir(s.signals)).toEqual([]);
});

test('a session reports its own ticket only', async () => {
  const s = await session();
  const { code, err } = await s.run(COMPLETE, ['ACME-17', 'done'], s.inside);
  expect([code, err]).toEqual([1, expect.stringContaining('works on ACME-16')]);
  expect(await readdir(s.spool)).toEqual([]);
});

test('a later report replaces an earlier one', async () => {
  const s = await session();
  for (const summary of ['first', 'second']) await s.run(COMPLETE, ['ACME-16', summary], s.inside);
  expect(await readdir(s.spool)).toEqual([`completion-${SESSION}.txt`]);
  expect(await readFile(join(s.spool, `completion-${SESSION}.txt`), 'utf8')).toBe('second\n');
});

test('a folder that cannot be written is said, and nothing is left', async () => {
  const s = await session();
  const missing = await s.run(COMPLETE, ['ACME-16', 'done'], { ...s.outside, PCO_SIGNAL_DIR: join(s.root, 'nowhere') });
  expect(missing.code).toBe(1);
  expect(missing.err).not.toBe('');
  await mkdir(join(s.signals, 'completion-ACME-16.txt', 'in-the-way'), { recursive: true });
  await s.run(COMPLETE, ['ACME-16', 'done'], s.outside);
  expect((await readdir(s.signals)).filter((name) => name.startsWith('.completion'))).toEqual([]);
});

/** The command where no file can be written to: like a full disk, on which names can still be made. */
const onFullDisk = (command: string, args: readonly string[]): [string, string[]] => [
  'bash',
  ['-c', 'trap "" XFSZ; ulimit -f 0; exec "$@"', 'bash', command, ...args],
];

test.each(['inside', 'outside'] as const)(
  'on a full disk complete-ticket says that nothing is recorded, and leaves nothing: %s a session',
  async (where) => {
    const s = await session();
    const [command, args] = onFullDisk(COMPLETE, ['ACME-16', 'done']);
    const { code, out, err } = await s.run(command, args, s[where]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/NOT recorded: .*completion-.*\.txt/);
    expect([await readdir(s.spool), await readdir(s.signals)]).toEqual([[], []]);
    expect(existsSync(join(s.dir, 'completed'))).toBe(false);
    expect((await s.run(COMPLETE, ['ACME-16', 'done'], s[where])).code, 'with room again').toBe(0);
  },
);

// --- claude-ticket-worker ------------------------------------------------------------------------------------------

const WORKER = join(SCRIPTS, 'claude-ticket-worker');

test('the launcher without what it needs says how it is used and starts nothing', async () => {
  const s = await session();
  const agent = await s.agent('touch started-anyway');
  await writeFile(join(s.dir, 'prompt.md'), 'prompt');
  const { PCO_SESSION_DIR: _, ...noDir } = s.inside;
  const ran = await Promise.all([
    s.run(WORKER, [], s.inside),
    s.run(WORKER, ['ACME-16'], s.inside),
    s.run(WORKER, ['ACME-16', '--'], s.inside),
    s.run(WORKER, ['ACME-16', agent], s.inside),
    s.run(WORKER, ['acme-16', '--', agent], s.inside),
    s.run(WORKER, ['ACME-16; touch x', '--', agent], s.inside),
    s.run(WORKER, ['ACME-16', '--', agent], noDir),
    s.run(WORKER, ['ACME-16', '--', agent], { ...s.inside, PCO_SESSION_DIR: s.spool }),
  ]);
  for (const { code, err } of ran) expect([code, err]).toEqual([1, expect.stringContaining('usage:')]);
  expect(await readdir(s.work)).toEqual([]);
  expect(existsSync(join(s.dir, 'started'))).toBe(false);
});

test('the launcher hands the prompt over as one argument, verbatim, and notes the exit code', async () => {
  const s = await session();
  const agent = await s.agent('printf "%s\\n" "$#" "$1" "$PCO_TICKET" >args; printf "%s" "$2" >prompt; exit 42');
  const prompt = `# ACME-16: hostile\n\n${HOSTILE.join('\n')}`;
  await writeFile(join(s.dir, 'prompt.md'), `${prompt}\n`);
  const { out } = await s.run(WORKER, ['ACME-16', '--', agent, 'two words'], s.inside);
  expect(await readFile(join(s.work, 'args'), 'utf8')).toBe('2\ntwo words\nACME-16\n');
  expect(await readFile(join(s.work, 'prompt'), 'utf8')).toBe(prompt);
  expect(await readFile(join(s.dir, 'exit'), 'utf8')).toBe('42\n');
  expect(out).toContain('# ACME-16: hostile');
  expect((await readdir(s.work)).sort()).toEqual(['args', 'prompt']);
});

test('however often a session is started, one agent runs', async () => {
  const s = await session();
  const agent = await s.agent('echo run >>runs');
  await writeFile(join(s.dir, 'prompt.md'), 'prompt');
  const ran = await Promise.all(Array.from({ length: 5 }, () => s.run(WORKER, ['ACME-16', '--', agent], s.inside)));
  expect(await readFile(join(s.work, 'runs'), 'utf8')).toBe('run\n');
  expect(ran.filter(({ code }) => code === 97)).toHaveLength(4);
  expect((await s.run(WORKER, ['ACME-16', '--', agent], s.inside)).code).toBe(97);
});

test('a session whose start cannot be noted runs no agent, and does not say that it has run', async () => {
  const s = await session();
  const agent = await s.agent('echo run >>runs');
  await writeFile(join(s.dir, 'prompt.md'), 'prompt');
  await writeFile(join(s.dir, 'started'), 'a file in the way');
  const { code, err } = await s.run(WORKER, ['ACME-16', '--', agent], s.inside);
  expect([code, err]).toEqual([98, expect.stringContaining('no agent is run')]);
  expect(existsSync(join(s.work, 'runs'))).toBe(false);
});

test('an agent that is not there ends the session with its code', async () => {
  const s = await session();
  await writeFile(join(s.dir, 'prompt.md'), 'prompt');
  const { err } = await s.run(WORKER, ['ACME-16', '--', join(s.root, 'no-such-agent')], s.inside);
  expect(err).toContain('no-such-agent');
  expect(await readFile(join(s.dir, 'exit'), 'utf8')).toBe('127\n');
});

test('our scripts are on the agent’s path, and its report counts', async () => {
  const s = await session();
  const agent = await s.agent('complete-ticket "$PCO_TICKET" "done by the agent"');
  await writeFile(join(s.dir, 'prompt.md'), 'prompt');
  await s.run(WORKER, ['ACME-16', '--', agent], s.inside);
  expect(await readFile(join(s.spool, `completion-${SESSION}.txt`), 'utf8')).toBe('done by the agent\n');
  expect(existsSync(join(s.dir, 'asks'))).toBe(false);
});

// --- agent-hook.mjs ------------------------------------------------------------------------------------------------

const HOOK = join(SCRIPTS, 'agent-hook.mjs');
type Session = Awaited<ReturnType<typeof session>>;
const hook = (s: Session, input: unknown, env: Record<string, string> = s.inside) =>
  s.run(process.execPath, [HOOK], env, JSON.stringify(input));
const submit = (prompt: string) => ({ hook_event_name: 'UserPromptSubmit', session_id: 'abc', prompt });

test.each(HOSTILE)('/complete writes its summary as it is and costs no model call: %#', async (summary) => {
  const s = await session();
  const { code, out } = await hook(s, submit(`/complete ${summary}`));
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ decision: 'block', reason: expect.stringContaining('Completion recorded') });
  expect(await readFile(join(s.spool, `completion-${SESSION}.txt`), 'utf8')).toBe(summary);
  expect(await readdir(s.spool)).toEqual([`completion-${SESSION}.txt`]);
  expect(existsSync(join(s.dir, 'completed'))).toBe(true);
});

test.each(['/complete', '/complete ', ' /complete \n\t'])(
  'a blank %j is refused and writes nothing',
  async (prompt) => {
    const s = await session();
    const { out } = await hook(s, submit(prompt));
    expect(JSON.parse(out)).toEqual({ decision: 'block', reason: expect.stringContaining('/complete <summary>') });
    expect(await readdir(s.spool)).toEqual([]);
    expect(existsSync(join(s.dir, 'completed'))).toBe(false);
  },
);

test.each([
  ['typed', submit('/complete done'), /"decision":"block","reason":"Completion NOT recorded: EFBIG/],
  [
    'by the skill',
    { hook_event_name: 'PreToolUse', tool_name: 'Skill', tool_input: { skill: 'complete', args: 'done' } },
    /"permissionDecision":"deny","permissionDecisionReason":"Completion NOT recorded: EFBIG/,
  ],
])('on a full disk /complete %s says that nothing is recorded, and leaves nothing', async (_how, input, says) => {
  const s = await session();
  const [command, args] = onFullDisk(process.execPath, [HOOK]);
  const { code, out } = await s.run(command, args, s.inside, JSON.stringify(input));
  expect(code).toBe(0);
  expect(out).toMatch(says);
  expect(await readdir(s.spool)).toEqual([]);
  expect(existsSync(join(s.dir, 'completed'))).toBe(false);
});

test('an ordinary prompt passes, and is noted as accepted', async () => {
  const s = await session();
  for (const prompt of ['work on it', '/completely different', 'say /complete later', '']) {
    const { code, out } = await hook(s, submit(prompt));
    expect([code, out]).toEqual([0, '']);
  }
  expect(await readFile(join(s.dir, 'accepted'), 'utf8')).toBe('abc');
  expect(await readdir(s.spool)).toEqual([]);
});

test('the spool is made when it is not there, for its user alone', async () => {
  const s = await session();
  await rm(s.spool, { recursive: true });
  await hook(s, submit('/complete done'));
  expect((await stat(s.spool)).mode & 0o777).toBe(0o700);
  expect((await stat(join(s.spool, `completion-${SESSION}.txt`))).mode & 0o777).toBe(0o600);
});

test('the agent’s own use of the skill is a report, any other tool is not', async () => {
  const s = await session();
  const use = (skill: unknown, args: unknown, tool_name = 'Skill') =>
    hook(s, { hook_event_name: 'PreToolUse', tool_name, tool_input: { skill, args } });
  for (const other of [use('complete', ' '), use('completed', 'x'), use('other', 'x'), use('complete', 'x', 'Bash')])
    expect(await other).toMatchObject({ code: 0, out: '' });
  expect(await readdir(s.spool)).toEqual([]);
  expect(await use('plane-claude-orchestrator:complete', 'done by skill')).toMatchObject({ code: 0, out: '' });
  expect(await readFile(join(s.spool, `completion-${SESSION}.txt`), 'utf8')).toBe('done by skill');
});

test('outside a session of ours the hook does nothing', async () => {
  const s = await session();
  const { code, out } = await hook(s, submit('/complete x'), s.outside);
  expect([code, out]).toEqual([0, '']);
  expect(await readdir(s.dir)).toEqual([]);
});

// --- add-test-ticket -----------------------------------------------------------------------------------------------

const ADD = join(SCRIPTS, 'add-test-ticket');

/** An api at its wire, that says what it was asked. */
async function wire(status: number) {
  const requests: { url: string; authorization: string | undefined; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { url = '', headers } = request;
    requests.push({ url, authorization: headers.authorization, body: body === '' ? null : JSON.parse(body) });
    response.writeHead(url === '/health' ? 200 : status, { 'content-type': 'application/json' }).end('{"answer":1}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { requests, url: `http://127.0.0.1:${port}` };
}

test('add-test-ticket posts a ticket, with what it was given', async () => {
  const s = await session();
  const { requests, url } = await wire(200);
  const env = { ...s.outside, PCO_API_URL: url, PCO_API_TOKEN: 'a-token', PCO_TEST_PROJECT_ID: 'project-1' };
  const title = `Say "hi" \\ $(touch pwned) 'x' 語`;
  const { code, out } = await s.run(ADD, ['ACME-TEST', title], env);
  expect(code).toBe(0);
  expect(out).toContain(`${url}/api/approve/ACME-TEST`);
  expect(requests).toEqual([
    {
      url: '/api/test/add-ticket',
      authorization: 'Bearer a-token',
      body: {
        id: 'ACME-TEST',
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        project_id: 'project-1',
        title,
        description: `<p>${title}</p>`,
        trigger_type: 'manual_test',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    },
    { url: '/health', authorization: 'Bearer a-token', body: null },
  ]);
  expect(await readdir(s.work)).toEqual([]);
});

test('add-test-ticket has defaults, and needs no token', async () => {
  const s = await session();
  const { requests, url } = await wire(200);
  expect((await s.run(ADD, [], { ...s.outside, PCO_API_URL: url })).code).toBe(0);
  expect(requests[0]).toMatchObject({
    authorization: undefined,
    body: { id: 'CSLOG-999', project_id: 'test-project' },
  });
});

test.each([404, 409, 422, 500])(
  'add-test-ticket fails when the api answers %i, and shows the answer',
  async (status) => {
    const s = await session();
    const { url } = await wire(status);
    const { code, out, err } = await s.run(ADD, ['ACME-1'], { ...s.outside, PCO_API_URL: url });
    expect(code).toBe(1);
    expect(out).toContain('{"answer":1}');
    expect(err).toContain('refused');
  },
);

test('add-test-ticket fails when there is no api', async () => {
  const s = await session();
  const { code, err } = await s.run(ADD, ['ACME-1'], { ...s.outside, PCO_API_URL: 'http://127.0.0.1:9' });
  expect([code, err]).toEqual([1, expect.stringContaining('no api at http://127.0.0.1:9')]);
});
