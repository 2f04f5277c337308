import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { badRequest } from './bad-request.ts';

/** The kernel takes no longer single argument, its closing zero included (execve(2)). */
const MAX_ARGUMENT_BYTES = 128 * 1024 - 1;

/**
 * The command with its program as an absolute path. tmux would accept anything and the session be gone at once, so
 * what cannot run is refused here.
 */
export async function resolveCommand(command: readonly string[], path: string): Promise<string[]> {
  const [program = '', ...args] = command;
  for (const text of command)
    if (Buffer.byteLength(text) > MAX_ARGUMENT_BYTES) throw badRequest('command: an argument is longer than 128 KiB');
  const candidates = isAbsolute(program) ? [program] : program.includes('/') ? [] : onPath(program, path);
  for (const candidate of candidates) if (await isExecutable(candidate)) return [candidate, ...args];
  throw badRequest(`command: ${JSON.stringify(program)} is not an executable, neither absolute nor on PATH`);
}

/** tmux would silently start in the home folder instead. */
export async function resolveWorkingDirectory(cwd: string): Promise<string> {
  if (!isAbsolute(cwd)) throw badRequest('cwd: must be an absolute path');
  const found = await stat(cwd).catch(() => undefined);
  if (!found?.isDirectory()) throw badRequest(`cwd: ${JSON.stringify(cwd)} is not a folder`);
  return cwd;
}

const onPath = (program: string, path: string): string[] =>
  path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, program));

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
