import { run } from '../run.ts';

/** One command in this process, as if it was typed. */
export async function typed(
  line: string | readonly string[],
  { env = {}, input = '', columns }: { env?: Record<string, string>; input?: string; columns?: number } = {},
) {
  let stdout = '';
  let stderr = '';
  const terminal = columns === undefined ? { isTTY: false, columns: 0 } : { isTTY: true, columns };
  const io = {
    stdout: {
      ...terminal,
      write: (text: string) => {
        stdout += text;
      },
    },
    stderr: {
      isTTY: false,
      write: (text: string) => {
        stderr += text;
      },
    },
    stdin: (async function* () {
      yield input;
    })(),
    env: { PCO_CLI_CONFIG: '/nowhere', ...env },
    argv: typeof line === 'string' ? line.split(' ') : line,
  };
  const exit = await run(io, new AbortController().signal);
  return { exit, stdout, stderr };
}
