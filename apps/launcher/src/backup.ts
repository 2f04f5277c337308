import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { configFile, readConfig } from '@pco/shared/config';
import { SECOND_MS } from '@pco/shared/time';
import { backUp } from './backup/make.ts';
import { runCommand } from './backup/run-command.ts';
import { Refusal } from './refusal.ts';
import { createTerminal } from './terminal.ts';

const USAGE = `usage: scripts/backup.sh [options]      (the same: npm run backup -- [options])

Saves an installation in a dated archive: Redis as it is at one moment, the data folder with sessions, recordings and
what the terminal service keeps, logs, the configuration, and work of the worktrees that is on no remote. Services may
run meanwhile; writes wait while Redis is read: a tenth of a second for 1,000 tickets, some seconds for 50,000.

  --config FILE     the configuration (default: PCO_CONFIG, then config.yaml)
  --to DIR          where archives are kept (backups)
  --keep-days N     older ones there are removed; the newest always stays (7)
  --pause SECONDS   how long writes may wait at most; if that is not enough there is no backup (8, with more than
                    32,000 keys in Redis a second for every 4,000 of them, at most 20)
  --with-secrets    also tokens and passwords, in the clear; without it a restore asks for them
  --no-recordings   without what sessions printed
  --help            this text
`;

// `npm run backup`
await runCommand(main, USAGE);

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: 'string' },
      to: { type: 'string', default: 'backups' },
      'keep-days': { type: 'string', default: '7' },
      pause: { type: 'string' },
      'with-secrets': { type: 'boolean', default: false },
      'no-recordings': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const source = { env: process.env, argv: values.config ? ['--config', values.config] : [], cwd: process.cwd() };
  const file = configFile(source);
  const options = {
    to: resolve(values.to),
    keepDays: numberOf('--keep-days', values['keep-days']),
    ...(values.pause === undefined ? {} : { pauseMs: numberOf('--pause', values.pause) * SECOND_MS }),
    withSecrets: values['with-secrets'],
    withRecordings: !values['no-recordings'],
  };
  await backUp(readConfig(source), file, options, createTerminal(process, true));
}

function numberOf(flag: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !(number >= 0)) throw new Refusal(`${flag} takes a number, not "${text}"`);
  return number;
}
