// What the helper scripts share. Plain JavaScript without packages: it runs on whatever Node the host has (>= 20).
import { execFileSync } from 'node:child_process';

/** The options named, as `--name` or `--name=value`; a wrong one ends the program with the usage text. */
export function parseOptions(usage, names) {
  const options = { 'service-url': process.env.SESSION_SERVICE_URL ?? 'http://127.0.0.1:5001' };
  for (const argument of process.argv.slice(2)) {
    const [, name = '', value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name === 'help') {
      process.stdout.write(usage);
      process.exit(0);
    }
    const takesValue = names[name];
    if (takesValue === undefined || takesValue !== (value !== undefined)) fail(usage, 2);
    options[name] = value ?? true;
  }
  return options;
}

/** Calls the service; its own words become the error. */
export async function call(options, method, path, body) {
  const token = process.env.PCO_TMUX_SESSION_SERVICE_TOKEN;
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'content-type': 'application/json' } : {}),
  };
  const init = { method, headers, signal: AbortSignal.timeout(5_000), ...(body ? { body: JSON.stringify(body) } : {}) };
  const answer = await fetch(options['service-url'] + path, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text === '' ? `status ${answer.status}` : (JSON.parse(text).error ?? text));
  return text === '' ? undefined : JSON.parse(text);
}

/** What tmux knows of its sessions, by name; empty without a server. */
export function tmuxSessions() {
  const format = '#{session_created} #{session_attached} #{session_windows} #{session_name}';
  const args = ['-N', '-u', '-L', process.env.PCO_TMUX_SOCKET ?? 'pco', 'list-sessions', '-F', format];
  let text = '';
  try {
    text = execFileSync('tmux', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (err) {
    if (err.code === 'ENOENT') fail('tmux is not installed\n');
  }
  const rows = text.split('\n').flatMap((line) => {
    const [, created, attached, windows, name] = /^(\d+) (\d+) (\d+) (.+)$/.exec(line) ?? [];
    if (name === undefined || name === '_pco-control') return [];
    return [[name, { created: Number(created) * 1_000, attached: Number(attached), windows: Number(windows) }]];
  });
  return new Map(rows);
}

export function fail(message, code = 1) {
  process.stderr.write(message);
  process.exit(code);
}
