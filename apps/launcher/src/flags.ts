import { parseArgs } from 'node:util';
import { messageOf } from '@pco/shared/errors';

export const AGENTS = ['claude', 'scripted'] as const;
export type Agent = (typeof AGENTS)[number];

export interface Flags {
  readonly config?: string;
  readonly yes: boolean;
  /** Only says whether the configuration is valid. */
  readonly checkConfig: boolean;
  /** `key=value`, each in place of what the environment and the file say. */
  readonly settings: readonly string[];
  readonly agent?: Agent;
  readonly dataDir?: string;
  readonly port?: number;
}

export const USAGE = `usage: npm start -- [options]

  --config FILE     the configuration (default: PCO_CONFIG, then config.yaml); without any, a try-out starts
  --data-dir DIR    where state is kept (data, or data/try-out)
  --port N          port of the api (5002)
  --agent NAME      try-out only: scripted (default, pretends) or claude (your Claude Code: needs a login, costs money)
  --set KEY=VALUE   a key of the configuration, e.g. --set plane.poll_interval=30; before environment and file
  --check-config    only say whether the configuration is valid, and what is wrong with it
  --yes             install missing system packages without asking
  --help            this text

First steps with your own Plane: npm run init. Something does not work: npm run doctor.
`;

export type Parsed =
  | { readonly kind: 'flags'; readonly flags: Flags }
  | { readonly kind: 'help' | 'wrong'; readonly text: string };

export function parseFlags(argv: readonly string[]): Parsed {
  const wrong = (why: string): Parsed => ({ kind: 'wrong', text: `${why}\n\n${USAGE}` });
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        config: { type: 'string' },
        'data-dir': { type: 'string' },
        port: { type: 'string' },
        agent: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        'check-config': { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help', text: USAGE };
    const agent = AGENTS.find((name) => name === values.agent);
    if (values.agent !== undefined && !agent) return wrong(`--agent is ${AGENTS.join(' or ')}, not "${values.agent}"`);
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
      return wrong(`--port takes a number from 1 to 65535, not "${values.port}"`);
    const { config, 'data-dir': dataDir, yes } = values;
    const flags = {
      yes,
      checkConfig: values['check-config'],
      settings: values.set,
      ...(config === undefined ? {} : { config }),
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(port === undefined ? {} : { port }),
      ...(agent ? { agent } : {}),
    };
    return { kind: 'flags', flags };
  } catch (err) {
    return wrong(messageOf(err).split('. ')[0] ?? '');
  }
}
