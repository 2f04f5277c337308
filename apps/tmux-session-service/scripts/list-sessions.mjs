// Sessions as tmux and the service know them, in one table. See list-sessions.sh.
import { call, parseOptions, tmuxSessions } from './service-client.mjs';

const USAGE = `usage: list-sessions.sh [--json] [--active-only] [--service-url=URL] [--help]

Sessions as tmux and the service know them. SESSION_SERVICE_URL, PCO_TMUX_SESSION_SERVICE_TOKEN and PCO_TMUX_SOCKET
say where they are.
`;
const options = parseOptions(USAGE, { json: false, 'active-only': false, 'service-url': true });
const known = await call(options, 'GET', '/sessions').then(
  ({ sessions }) => sessions,
  (err) => {
    process.stderr.write(`warning: the service does not answer (${err.message}); only what tmux knows\n`);
    return [];
  },
);
const live = tmuxSessions();
const records = new Map(known.map((record) => [record.sessionId, record]));
const all = [...new Set([...records.keys(), ...live.keys()])].map((sessionId) => ({
  sessionId,
  projectId: records.get(sessionId)?.projectId ?? null,
  source: records.get(sessionId)?.source ?? 'unknown',
  active: live.has(sessionId),
  attached: live.get(sessionId)?.attached ?? 0,
  windows: live.get(sessionId)?.windows ?? 0,
  createdAt: new Date(live.get(sessionId)?.created ?? Date.parse(records.get(sessionId).createdAt)).toISOString(),
}));
const sessions = options['active-only'] ? all.filter(({ active }) => active) : all;
process.stdout.write(options.json ? `${JSON.stringify({ sessions }, null, 2)}\n` : table(sessions));

function table(rows) {
  const isTerminal = process.stdout.isTTY === true;
  const colour = (code, text) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);
  const head = ['SESSION', 'PROJECT', 'SOURCE', 'STATE', 'ATTACHED', 'WINDOWS', 'CREATED'];
  const cells = rows.map((row) => [
    ...[row.sessionId, row.projectId ?? '-', row.source, row.active ? 'active' : 'ended'],
    ...[String(row.attached), String(row.windows), row.createdAt],
  ]);
  const widths = head.map((name, column) => Math.max(name.length, ...cells.map((cell) => cell[column].length)));
  const line = (cell) =>
    cell
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  const body = cells.map((cell, index) => colour(rows[index].active ? 32 : 90, line(cell)));
  const active = rows.filter((row) => row.active).length;
  return `${[colour(1, line(head)), ...body].join('\n')}\n${rows.length} sessions, ${active} active\n`;
}
