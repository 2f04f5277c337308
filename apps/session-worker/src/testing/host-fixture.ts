import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '@pco/shared/config';
import { by, coreFixture, RUNNER, silentLog, testConfig, trigger } from '@pco/shared/testing';
import { createEvidenceStore } from '../evidence/evidence-store.ts';
import { type Host, hostPaths, makeFiles } from '../host.ts';
import { hashToken, type SessionMeta } from '../session-files.ts';
import type { SessionsClient } from '../sessions-client.ts';

/** A host with a real core and real folders; nobody runs sessions on it. */
export async function hostFixture(sessions: Partial<SessionsClient> = {}, automation: ConfigInput['automation'] = {}) {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'pco-host-'));
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const signals = join(dir, 'signals');
  await mkdir(signals);
  const config = testConfig({ automation: { signal_dir: signals, ...automation }, data_dir: join(dir, 'data') });
  const core = stack.use(await coreFixture(config));
  const paths = hostPaths(config);
  await mkdir(paths.spool, { recursive: true });
  const nobody = () => Promise.reject(new Error('no session runs here'));
  const host: Host = {
    config,
    core,
    log: silentLog,
    runner: RUNNER,
    capacity: 5,
    uid: process.getuid?.() ?? 0,
    sessions: {
      create: nobody,
      get: nobody,
      list: async () => [],
      remove: nobody,
      screen: nobody,
      send: nobody,
      keys: nobody,
      runBeside: nobody,
      isHealthy: async () => false,
      [Symbol.asyncDispose]: async () => {},
      ...sessions,
    },
    prepareWorkspace: nobody,
    env: {},
    url: 'http://127.0.0.1:0',
    paths,
    files: makeFiles(paths),
    comments: async () => [],
    links: async () => [],
    evidence: createEvidenceStore((id) => join(paths.sessions, id)),
    watched: new Map(),
  };
  const opened = stack.move();
  return {
    dir,
    signals,
    core,
    host,
    paths,
    /** A ticket whose session works on this host. */
    async activeTicket(ticketId: string, createdAt = Date.now() - 5_000): Promise<SessionMeta> {
      const files = host.files(`claude-${ticketId}`);
      await core.change({ ...trigger(), ticketId });
      await core.change({ type: 'person.approved', by, ticketId });
      const tokenHash = hashToken(await files.token());
      const effectId = await core.openId('session.assign', ticketId);
      await core.change({ type: 'slot.claimed', ticketId, effectId, runner: RUNNER, capacity: 5, tokenHash });
      const start = await core.openId('session.start', ticketId);
      await core.change({ type: 'effect.done', ticketId, effectId: start, result: {} });
      const meta = metaOf({ ticketId, sessionId: `claude-${ticketId}`, effectId: start, createdAt });
      await files.writeMeta(meta);
      return meta;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export const metaOf = (over: Partial<SessionMeta> = {}): SessionMeta => ({
  ticketId: 'ACME-1',
  sessionId: 'claude-ACME-1',
  effectId: 'ACME-1-v3-1',
  repo: '/repo',
  worktree: '/worktree',
  branch: 'pco/ACME-1',
  base: 'base',
  createdAt: 0,
  agent: 'claude-code',
  mode: 'interactive',
  ...over,
});
