import { join } from 'node:path';
import type { Agent } from './flags.ts';
import { ROOT } from './services.ts';
import type { TryOut } from './try-out.ts';

const SCRIPTS = join(ROOT, 'scripts');

export const COST_WARNING = [
  'This try-out runs your Claude Code: it uses the login of this machine, sends the scratch repository and the ticket',
  'to its provider, and costs what your plan or API key costs. Leave out --agent claude for one that only pretends.',
].join('\n');

/** What to do next, ready to be copied. */
export function nextSteps(apiUrl: string, emulatorUrl: string, agent: Agent, { moved }: TryOut): string {
  const elsewhere = moved.map(
    ({ name, from, to }) => `port ${from} is taken, so ${name.replaceAll('_', '-')} uses ${to}`,
  );
  const pretends = agent === 'scripted' ? 'an agent that only pretends (it costs nothing)' : 'your Claude Code';
  return `
This is a try-out: a little Plane on this machine with the project DEMO and three tickets, and ${pretends}.
${elsewhere.length > 0 ? `${elsewhere.join('\n')}\n` : ''}
     in another terminal, first       export PCO_API_URL=${apiUrl} PATH="$PATH:${SCRIPTS}"
  1  what waits for an approval       pco list
  2  let the agent work on DEMO-1     pco approve DEMO-1
  3  watch it (leave with Ctrl-b d)   pco attach DEMO-1
  4  what it reported, 10 s later     pco show DEMO-1
  5  write it back, in your words     pco update DEMO-1 "Rounded to the nearest cent, with a test."
  6  the comment and the new state    curl -s ${emulatorUrl}/__control/items/DEMO-1

With your own Plane: npm run init, then npm start. Ctrl-C stops everything but the agents' terminals.
`;
}
