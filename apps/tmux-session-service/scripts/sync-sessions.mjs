// Tells the service of sessions that were made by hand. See sync-sessions.sh.
import { call, fail, parseOptions, tmuxSessions } from './service-client.mjs';

const USAGE = `usage: sync-sessions.sh [--dry-run] [--project-pattern=RE] [--service-url=URL] [--force] [--cleanup] [--help]

Gives sessions that were made by hand a project: the first group of the pattern in the session's name, else the name.
--force also those that have one (the service refuses to change it), --cleanup forgets sessions that have ended, but for
those that a start of an agent left: they must never start again. --dry-run only says what it would do.
`;
const options = parseOptions(USAGE, {
  'dry-run': false,
  'project-pattern': true,
  'service-url': true,
  force: false,
  cleanup: false,
});
const pattern = readPattern(options['project-pattern'] ?? '^(.*)$');
const counts = { registered: 0, known: 0, removed: 0, failed: 0 };
const { sessions } = await call(options, 'GET', '/sessions').catch((err) =>
  fail(`the service does not answer: ${err.message}\n`),
);
const records = new Map(sessions.map((record) => [record.sessionId, record]));
for (const name of tmuxSessions().keys()) {
  if (records.get(name)?.projectId && !options.force) {
    counts.known++;
    continue;
  }
  const projectId = pattern.exec(name)?.[1] || name;
  await work('registered', `${name} as project ${projectId}`, 'PUT', name, { projectId, source: 'ssh' });
}
for (const { sessionId, active, effect } of options.cleanup ? sessions : [])
  if (!active && !effect) await work('removed', sessionId, 'DELETE', sessionId);
const total = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
process.stdout.write(`${options['dry-run'] ? 'would be: ' : ''}${total.join(', ')}\n`);
if (counts.failed > 0) process.exitCode = 1;

async function work(what, text, method, name, body) {
  try {
    if (!options['dry-run']) await call(options, method, `/sessions/${encodeURIComponent(name)}`, body);
    counts[what]++;
    process.stdout.write(`${what}: ${text}\n`);
  } catch (err) {
    counts.failed++;
    process.stderr.write(`${name}: ${err.message}\n`);
  }
}

function readPattern(text) {
  try {
    return new RegExp(text);
  } catch (err) {
    return fail(`--project-pattern: ${err.message}\n`, 2);
  }
}
