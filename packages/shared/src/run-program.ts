import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Ran {
  readonly ok: boolean;
  readonly code: number | null;
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
      ...(timeoutMs ? { timeout: timeoutMs } : {}),
      stdio: [stdin, 'pipe', 'pipe'],
    });
    let stdout = '';
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.on('error', (err) => resolve({ ok: false, code: null, stdout, output: err.message }));
    child.on('close', (code) => resolve({ ok: code === 0, code, stdout, output: output.trim() }));
  });
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
