import { resolve } from 'node:path';
import { run } from '@pco/shared/run-program';
import { z } from 'zod';

// `npm run audit`: what is known against the packages of the lockfile. That the registry could not be asked is no finding.

const ROOT = resolve(import.meta.dirname, '../..');
export const EXIT = { clean: 0, findings: 1, notAsked: 3 } as const;
const SEVERE = new Set(['high', 'critical']);

const Report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), range: z.string().default(''), isDirect: z.boolean().default(false) }),
  ),
});
const Refusal = z.object({ message: z.string() });

export interface Verdict {
  readonly exit: (typeof EXIT)[keyof typeof EXIT];
  readonly lines: readonly string[];
}

/** @param answer what `npm audit --json` printed */
export function judge(answer: string): Verdict {
  const value = parse(answer);
  const report = Report.safeParse(value).data;
  if (!report) {
    const why = Refusal.safeParse(value).data?.message ?? (answer.trim().slice(0, 300) || 'npm said nothing');
    return { exit: EXIT.notAsked, lines: [`the registry could not be asked, so nothing is known: ${why}`] };
  }
  const found = Object.entries(report.vulnerabilities);
  const severe = found.filter(([, { severity }]) => SEVERE.has(severity));
  const lines = found.map(([name, { severity, range }]) => `${severity}: ${name} ${range}`);
  return severe.length > 0
    ? {
        exit: EXIT.findings,
        lines: [...lines, `${severe.length} are high or critical: npm audit says what mends them`],
      }
    : { exit: EXIT.clean, lines: [...lines, 'nothing high or critical is known'] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const { stdout } = await run('npm', ['audit', '--json'], { cwd: ROOT, timeoutMs: 120_000 });
  const { exit, lines } = judge(stdout);
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.exitCode = exit;
}
