/** A longer burst of keys counts as pasted text in some agents; this also keeps single commands small. */
const INPUT_CHUNK_CHARS = 400;

export interface NewSession {
  readonly id: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  readonly source: string;
  readonly projectId: string | null;
  readonly effect: string | null;
  readonly owner: string | null;
  /** Where its output is kept, and the shell command that keeps it. */
  readonly recording: { readonly name: string; readonly command: string } | undefined;
}

/** Without `=` tmux also takes a name that only begins like this one; without `:` it may take a window's name. */
export const exact = (id: string): string => `=${id}:`;

/** The options go into the same list as the session: there is no moment in which it exists without its effect. */
export function creation(session: NewSession): string[][] {
  const { id, argv, cwd, env, cols, rows, recording } = session;
  const target = exact(id);
  const own = Object.entries({
    '@pco_source': session.source,
    '@pco_project': session.projectId,
    '@pco_effect': session.effect,
    '@pco_owner': session.owner,
    '@pco_recording': recording?.name ?? null,
  });
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const plain = !cwd.includes('#'); // tmux expands formats in -c, and not every `#` can be escaped there
  const size = ['-x', String(cols), '-y', String(rows), '-c', plain ? cwd : '/'];
  return [
    ['new-session', '-d', '-s', id, ...size, ...variables, '--', ...withoutShell(argv, plain ? undefined : cwd)],
    ...own.flatMap(([name, value]) => (value === null ? [] : [['set-option', '-t', target, '--', name, value]])),
    // Still before tmux reads the first byte of the program; never again, because output is lost while pipes change.
    ...(recording ? [['pipe-pane', '-t', target, recording.command]] : []),
    ['set-option', '-t', target, 'status', 'off'],
    ['set-option', '-t', target, 'destroy-unattached', 'off'],
    ['set-option', '-w', '-t', target, 'remain-on-exit', 'off'],
    ['set-option', '-w', '-t', target, 'window-size', 'manual'],
  ];
}

/** tmux executes several words as they are, but gives a single one to a shell, which would read it as a script. */
function withoutShell(argv: readonly string[], cwd: string | undefined): string[] {
  if (cwd !== undefined) return ['/bin/sh', '-c', 'cd "$0" && exec "$@"', cwd, ...argv];
  return argv.length === 1 ? ['/bin/sh', '-c', 'exec "$0"', ...argv] : [...argv];
}

/** For `run-shell`: tmux expands formats in it, then a shell reads it. */
export const shellCommand = (argv: readonly string[]): string =>
  `exec ${argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`.replaceAll('#', '##');

/** A pane that somebody scrolled takes keys as commands of its copy mode, so that is left first. */
export const typing = (id: string, words: readonly string[]): string[][] => [
  ['copy-mode', '-q', '-t', exact(id)],
  ['send-keys', '-t', exact(id), ...words],
];

export function* chunks(text: string): Generator<string> {
  const chars = Array.from(text); // by code point: half of a surrogate pair cannot be sent
  for (let at = 0; at < chars.length; at += INPUT_CHUNK_CHARS) yield chars.slice(at, at + INPUT_CHUNK_CHARS).join('');
}
