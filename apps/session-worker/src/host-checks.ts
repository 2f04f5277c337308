import { bad, checkAgents, checkDataDir, checkPrograms, checkRepos, type Finding, ok } from '@pco/shared/checks';
import type { FastifyInstance } from 'fastify';
import type { Host } from './host.ts';
import { checkAccess } from './runner-access.ts';

/** What this host has of what sessions need; looked at when somebody asks, because people mend it meanwhile. */
export function addHostChecks(app: FastifyInstance, host: Host): void {
  app.get('/checks', async (request): Promise<Finding[]> => {
    checkAccess(host, request);
    const { config, env, sessions } = host;
    const [programs, agents, repos, terminals] = await Promise.all([
      checkPrograms(),
      checkAgents(config, env),
      checkRepos(config, env),
      sessions.isHealthy(),
    ]);
    return [...programs, ...agents, terminals ? THERE : AWAY, checkDataDir(config), ...repos];
  });
}

const THERE = ok('terminal service', 'answers');
const AWAY = bad(
  'terminal service',
  'does not answer: no session can be started or watched',
  'start it, or correct tmux_session_service.url; its log lines say why it is not there',
);
