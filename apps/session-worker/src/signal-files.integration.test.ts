import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { SUMMARY_MAX } from '@pco/shared/domain';
import { eventually } from '@pco/shared/testing';
import { expect, test } from 'vitest';
import { keepSignal, listSignals, parseName, readSignalFile, setAsideStale } from './signal-files.ts';
import { hostFixture } from './testing/host-fixture.ts';
import { watchSignals } from './watch-signals.ts';

type Fixture = Awaited<ReturnType<typeof hostFixture>>;
const uid = process.getuid?.() ?? 0;
const isRoot = uid === 0;

test('only a completion of a ticket or a session is a signal', async () => {
  await using f = await hostFixture();
  expect(parseName('completion-ACME-16.txt')).toEqual({ speaksOf: 'ACME-16', isResult: false });
  expect(parseName('completion-claude-ACME-16-2.txt')).toEqual({ speaksOf: 'claude-ACME-16-2', isResult: false });
  expect(parseName('result-claude-ACME-16-2.txt')).toEqual({ speaksOf: 'claude-ACME-16-2', isResult: true });
  const others = [
    ...[
      'completion-.txt',
      'completion-ACME-16.txt.123',
      '.completion-XXXX',
      'completion-ACME-16.TXT',
      'completion-ACME 16.txt',
    ],
    ...['xcompletion-ACME-16.txt', 'completion-ACME-16.txt\n', 'completion-ä.txt', `completion-${'A'.repeat(65)}.txt`],
  ];
  for (const name of others) {
    expect(parseName(name), name).toBeUndefined();
    writeFileSync(join(f.signals, name), 'x');
  }
  writeFileSync(join(f.signals, 'completion-ACME-16.txt'), 'x');
  expect(await listSignals(f.signals)).toEqual(['completion-ACME-16.txt']);
  expect(await listSignals(join(f.dir, 'nowhere'))).toEqual([]);
});

test('a summary is read without what does not belong into one', async () => {
  await using f = await hostFixture();
  const path = join(f.signals, 'completion-ACME-16.txt');
  writeFileSync(path, '  Done:\r\n"quotes" $(id) 語\u001b[31m\u0000\n\n');
  expect(await readSignalFile(path, uid)).toMatchObject({ kind: 'signal', text: 'Done:\n"quotes" $(id) 語[31m' });
  writeFileSync(path, Buffer.from([0x44, 0x6f, 0x6e, 0x65, 0xff, 0xfe]));
  expect(await readSignalFile(path, uid)).toMatchObject({ kind: 'signal', text: 'Done\ufffd\ufffd' });
});

test('a summary that is longer than a ticket keeps is cut and says so', async () => {
  await using f = await hostFixture();
  const path = join(f.signals, 'completion-ACME-16.txt');
  writeFileSync(path, 'x'.repeat(SUMMARY_MAX + 1));
  const read = await readSignalFile(path, uid);
  const text = read.kind === 'signal' ? read.text : '';
  expect(text).toHaveLength(SUMMARY_MAX);
  expect(text).toContain('cut here');
});

test('what is not written yet is waited for', async () => {
  await using f = await hostFixture();
  const path = join(f.signals, 'completion-ACME-16.txt');
  expect(await readSignalFile(path, uid)).toEqual({ kind: 'not_yet' });
  for (const text of ['', ' \n\t', '\u0000']) {
    writeFileSync(path, text);
    expect(await readSignalFile(path, uid)).toEqual({ kind: 'not_yet' });
  }
});

test('links, pipes, folders and giants are no signals', async () => {
  await using f = await hostFixture();
  const at = (name: string) => join(f.signals, name);
  writeFileSync(at('secret'), 'the content of another file');
  symlinkSync(at('secret'), at('link'));
  execFileSync('mkfifo', [at('pipe')]);
  mkdirSync(at('folder'));
  writeFileSync(at('giant'), 'x'.repeat(64 * 1024 + 1));
  writeFileSync(at('large'), 'x'.repeat(64 * 1024));
  writeFileSync(at('binary'), Buffer.alloc(500, 0xff));
  const why = async (name: string) => {
    const read = await readSignalFile(at(name), uid);
    return read.kind === 'bad' ? read.why : read.kind;
  };
  expect(await Promise.all(['link', 'pipe', 'folder', 'giant', 'binary', 'large'].map(why))).toEqual([
    'it is a symbolic link',
    'it is not a regular file',
    'it is not a regular file',
    'it is larger than 64 KiB',
    'it is not UTF-8 text',
    'signal',
  ]);
});

test.runIf(isRoot)('a file of another user is none of ours (skipped unless root runs it)', async () => {
  await using f = await hostFixture();
  const path = join(f.signals, 'completion-ACME-16.txt');
  writeFileSync(path, 'forged');
  chownSync(path, 12_345, 12_345);
  expect(await readSignalFile(path, uid)).toEqual({ kind: 'bad', why: 'it belongs to another user' });
});

test('the same file has the same id, and a rewritten one another', async () => {
  await using f = await hostFixture();
  const path = join(f.signals, 'completion-ACME-16.txt');
  const id = async (mtime: number) => {
    writeFileSync(path, 'done');
    utimesSync(path, mtime, mtime);
    const read = await readSignalFile(path, uid);
    return read.kind === 'signal' ? read.id : read.kind;
  };
  expect(await id(1_000)).toBe(await id(1_000));
  expect(await id(1_000)).not.toBe(await id(2_000));
});

test('a signal is moved away and kept, and one that is gone already is no error', async () => {
  await using f = await hostFixture();
  const path = join(f.signals, 'completion-ACME-16.txt');
  writeFileSync(path, 'done');
  for (let times = 0; times < 2; times += 1) await keepSignal(f.host, path, 'accepted', 'completion-ACME-16.txt');
  expect(existsSync(path)).toBe(false);
  expect(kept(f, 'accepted')).toEqual(['done']);
});

test('what an earlier session left does not complete the next one', async () => {
  await using f = await hostFixture();
  const [shared, spool] = [
    join(f.signals, 'completion-ACME-1.txt'),
    join(f.paths.spool, 'completion-claude-ACME-1.txt'),
  ];
  for (const path of [shared, spool]) writeFileSync(path, 'stale');
  await setAsideStale(f.host, 'ACME-1', 'claude-ACME-1');
  expect([existsSync(shared), existsSync(spool)]).toEqual([false, false]);
  expect(kept(f, 'refused')).toEqual(['stale', 'stale']);
  await setAsideStale(f.host, 'ACME-1', 'claude-ACME-1'); // nothing there is no error
});

// --- watched -----------------------------------------------------------------------------------------------------

const kept = (f: Fixture, fate: 'accepted' | 'refused'): string[] => {
  const dir = join(f.paths.kept, fate);
  return existsSync(dir) ? readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8')) : [];
};
const status = async (f: Fixture, id: string) => (await f.core.ticket(id)).status;
/** As `complete-ticket` does: whole or not at all. */
const put = (dir: string, name: string, text: string): void => {
  writeFileSync(join(dir, '.temporary'), text);
  renameSync(join(dir, '.temporary'), join(dir, name));
};

test('a file in the spool or in the shared folder completes its ticket, and is kept', async () => {
  await using f = await hostFixture();
  await f.activeTicket('ACME-1');
  await f.activeTicket('ACME-2');
  put(f.paths.spool, 'completion-claude-ACME-1.txt', 'before the start of the watch');
  await using _watch = await watchSignals(f.host);
  await eventually(() => status(f, 'ACME-1')).toBe('completed');
  put(f.signals, 'completion-ACME-2.txt', 'while it watches');
  await eventually(() => status(f, 'ACME-2')).toBe('completed');
  expect((await f.core.ticket('ACME-2')).summary).toBe('while it watches');
  await eventually(() => kept(f, 'accepted').sort()).toEqual(['before the start of the watch', 'while it watches']);
});

test('a file that was committed before a crash is kept as accepted, not refused', async () => {
  await using f = await hostFixture();
  await f.activeTicket('ACME-1');
  const path = join(f.paths.spool, 'completion-claude-ACME-1.txt');
  put(f.paths.spool, 'completion-claude-ACME-1.txt', 'done');
  {
    await using _watch = await watchSignals(f.host);
    await eventually(() => kept(f, 'accepted')).toEqual(['done']);
  }
  const [name = ''] = readdirSync(join(f.paths.kept, 'accepted'));
  renameSync(join(f.paths.kept, 'accepted', name), path); // as if it had not been moved yet
  await using _watch = await watchSignals(f.host);
  await eventually(() => existsSync(path)).toBe(false);
  expect([kept(f, 'accepted'), kept(f, 'refused')]).toEqual([['done'], []]);
  expect((await f.core.store.load('ACME-1')).ticket?.status).toBe('completed');
});

test('a file that speaks of no session of ours, or of an ended one, changes nothing and is kept', async () => {
  await using f = await hostFixture();
  await f.activeTicket('ACME-1');
  await f.core.change({ type: 'person.cancelled', by: 'ada', ticketId: 'ACME-1' });
  put(f.paths.spool, 'completion-claude-ACME-1.txt', 'too late');
  put(f.paths.spool, 'completion-claude-ACME-99.txt', 'unknown');
  await using _watch = await watchSignals(f.host);
  await eventually(() => kept(f, 'refused').sort()).toEqual(['too late', 'unknown']);
  expect(await status(f, 'ACME-1')).toBe('cancelled');
});

test('a file that another installation may be waiting for stays where it is', async () => {
  await using f = await hostFixture();
  await f.activeTicket('ACME-1');
  put(f.signals, 'completion-OTHER-1.txt', 'not ours');
  put(f.signals, 'completion-lower-case.txt', 'no ticket');
  await using _watch = await watchSignals(f.host);
  put(f.signals, 'completion-ACME-1.txt', 'ours'); // what comes later shows that the others were looked at
  await eventually(() => status(f, 'ACME-1')).toBe('completed');
  // ours is moved away only after its commit
  await eventually(() => readdirSync(f.signals).sort()).toEqual([
    'completion-OTHER-1.txt',
    'completion-lower-case.txt',
  ]);
});

test('a file in the shared folder that is older than the session is refused', async () => {
  await using f = await hostFixture();
  await f.activeTicket('ACME-1', Date.now());
  const path = join(f.signals, 'completion-ACME-1.txt');
  writeFileSync(path, 'of yesterday');
  utimesSync(path, Date.now() / 1_000 - 86_400, Date.now() / 1_000 - 86_400);
  await using _watch = await watchSignals(f.host);
  await eventually(() => kept(f, 'refused')).toEqual(['of yesterday']);
  expect(await status(f, 'ACME-1')).toBe('active');
});

test('a file is not old because the clock of its host was set back while the session ran', async () => {
  await using f = await hostFixture();
  const hour = 3_600_000;
  const meta = await f.activeTicket('ACME-1', Date.now() + hour); // so says a clock that was an hour ahead then
  await f.host.files(meta.sessionId).writeMeta({ ...meta, uptimeMs: uptime() * 1_000 });
  writeFileSync(join(f.signals, 'completion-ACME-1.txt'), 'of now');
  await using _watch = await watchSignals(f.host);
  await eventually(() => status(f, 'ACME-1')).toBe('completed');
});

test('a link planted in the shared folder gives nothing away, and is not even touched', async () => {
  await using f = await hostFixture();
  await f.activeTicket('ACME-1');
  await f.activeTicket('ACME-2');
  writeFileSync(join(f.dir, 'secret'), 'a secret of this host');
  symlinkSync(join(f.dir, 'secret'), join(f.signals, 'completion-ACME-1.txt'));
  execFileSync('mkfifo', [join(f.signals, 'completion-ACME-3.txt')]); // opening it to copy it would wait for ever
  await using _watch = await watchSignals(f.host);
  writeFileSync(join(f.signals, 'completion-ACME-2.txt'), 'the folder is still looked at');
  await eventually(() => status(f, 'ACME-2')).toBe('completed');
  expect(await status(f, 'ACME-1')).toBe('active');
  expect(lstatSync(join(f.signals, 'completion-ACME-1.txt')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(f.dir, 'secret'), 'utf8')).toBe('a secret of this host');
});
