import { parseArgs } from 'node:util';
import { bringBack, checkArchive, PARTS, type Part } from './backup/bring-back.ts';
import { runCommand } from './backup/run-command.ts';
import { createTerminal } from './terminal.ts';

const USAGE = `usage: scripts/restore.sh ARCHIVE [options]      (the same: npm run restore -- ARCHIVE [options])

Brings back what scripts/backup.sh saved, onto this host. Stop the services first, on all hosts. The archive is checked
before anything is changed, and what is there already is not written over.

  --config FILE     the configuration (default: PCO_CONFIG, then config.yaml); one that is not there is brought back
  --only PARTS      some of ${PARTS.join(',')}; default all. On a further host of an installation: data,work
  --replace         although something is there: keys of Redis are removed, the data folder is set aside
  --check           only looks whether the archive is whole, and tells what is in it
  --help            this text
`;

// `npm run restore`
await runCommand(main, USAGE);

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      only: { type: 'string', default: PARTS.join(',') },
      replace: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const [archive, ...more] = positionals;
  if (archive === undefined || more.length > 0) throw new TypeError('one archive is needed');
  const terminal = createTerminal(process, true);
  if (values.check) return await checkArchive(archive, terminal);
  await bringBack(archive, { config: values.config, parts: partsOf(values.only), replace: values.replace }, terminal);
}

function partsOf(text: string): Part[] {
  const names = text.split(',').map((name) => name.trim());
  const parts = PARTS.filter((part) => names.includes(part));
  if (parts.length !== new Set(names).size)
    throw new TypeError(`--only takes some of ${PARTS.join(', ')}, not "${text}"`);
  return parts;
}
