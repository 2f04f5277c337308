import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Ran {
  readonly ok: boolean;
  readonly code: number | null;
  /** It was ended because it took longer than `timeoutMs`. */
  readonly isLate: boolean;
  readonly stdout: string;
  /** Everything it printed, for an error message. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** `inherit` lets a program such as sudo ask for a password. */
  readonly stdin?: 'ignore' | 'inherit';
}

/** Runs a program without a shell and collects what it prints. A program that is not there is `ok: false`. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const { cwd, env, timeoutMs, stdin = 'ignore' } = options;
    const child = spawn(command, args, {
      ...(cwd ? { cwd } : {}),
      ...(env ? { env } : {}),
      stdio: [stdin, 'pipe', 'pipe'],
    });
    const done = (ran: Omit<Ran, 'stdout' | 'isLate'>, isLate = false) => {
      clearTimeout(timer);
      resolve({ ...ran, stdout, isLate });
    };
    const giveUp = () => {
      child.kill('SIGKILL');
      // what it has started may hold them open
      for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
      done({ ok: false, code: null, output: output.trim() }, true);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    let stdout = '';
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.on('error', (err) => done({ ok: false, code: null, output: err.message }));
    child.on('close', (code) => done({ ok: code === 0, code, output: output.trim() }));
  });
}

/** For git and what calls it: without the variables that a git hook around us may have set, and never asking a person. */
export function gitEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_') && !name.startsWith('PCO_'));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
}

/** Where a program is on the PATH. */
export function which(program: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}
