import { join } from 'node:path';
import type { Agent } from './flags.ts';
import { ROOT } from './services.ts';
import type { TryOut } from './try-out.ts';

const PCO = join(ROOT, 'scripts/pco');

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
  const summary = `-H 'content-type: application/json' -d '{"summary":"Rounded to the nearest cent, with a test."}'`;
  return `
This is a try-out: a little Plane on this machine with the project DEMO and three tickets, and ${pretends}.
${elsewhere.length > 0 ? `${elsewhere.join('\n')}\n` : ''}
  1  what waits for an approval       curl -s ${apiUrl}/api/pending-tickets
  2  let the agent work on DEMO-1     curl -s -X POST ${apiUrl}/api/approve/DEMO-1
  3  watch it (leave with Ctrl-b d)   ${PCO} attach DEMO-1
  4  what it reported, 10 s later     curl -s ${apiUrl}/api/completed-tickets
  5  write it back, in your words     curl -s -X POST ${apiUrl}/api/update-plane/DEMO-1 ${summary}
  6  the comment and the new state    curl -s ${emulatorUrl}/__control/items/DEMO-1

With your own Plane: npm run init, then npm start. Ctrl-C stops everything but the agents' terminals.
`;
}
