import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runService } from '@pco/shared/service';
import { startSessionWorker } from '../../apps/session-worker/src/service.ts';
import type { CreateSession, SessionRecord, SessionsClient } from '../../apps/session-worker/src/sessions-client.ts';

// The session-worker as it is, over a terminal that starts nothing: "starting" a session leaves what the launcher and
// a finished agent would leave (the `started` folder, the completion file, the exit code), and a worktree is only a
// name, so that collecting finds nothing to ask git about.
const sessions = new Map<string, SessionRecord>();

async function create(sessionId: string, { env, effect, projectId }: CreateSession) {
  const known = sessions.get(sessionId);
  if (known) return { created: false, session: known };
  const session: SessionRecord = { sessionId, effect, projectId, source: 'automation', active: true };
  sessions.set(sessionId, session);
  const dir = env.PCO_SESSION_DIR ?? '';
  mkdirSync(join(dir, 'started'));
  writeFileSync(join(dir, 'exit'), '0\n');
  const spool = env.PCO_SPOOL_DIR ?? '';
  const temporary = join(spool, `.${sessionId}`);
  writeFileSync(temporary, `Nothing was done for ${env.PCO_TICKET}.`);
  renameSync(temporary, join(spool, `completion-${sessionId}.txt`));
  return { created: true, session };
}

const noOpTerminal: SessionsClient = {
  create,
  get: async (id) => sessions.get(id) ?? null,
  list: async () => [...sessions.values()],
  remove: async (id) => void sessions.delete(id),
  screen: async () => '',
  keys: async () => {},
  send: async () => undefined,
  runBeside: async () => undefined,
  isHealthy: async () => true,
  [Symbol.asyncDispose]: async () => undefined,
};

await runService('session-worker', process, (config, log, { env }) =>
  startSessionWorker(config, log, {
    env,
    stop: () => undefined,
    comments: async () => [],
    sessions: noOpTerminal,
    prepareWorkspace: async ({ path, branch }) => ({ path, branch, base: 'none' }),
  }),
);
