import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accountOf, isTrusted, tokenOf } from '../access.ts';
import { type Account, type Accounts, Project } from '../accounts.ts';
import { parse } from './sessions.ts';

const Credentials = z.object({
  username: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.string().regex(/^[a-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, ., _ or -')),
  password: z.string().min(6, 'must have at least 6 characters').max(1024),
});
const ProjectsBody = z.object({ projects: z.array(Project).max(1_000), version: z.int().optional() });

const shown = ({ id, username, projects }: Account) => ({ id, username, projects });

/** B-145 to B-149. `isOpen`: everybody may register; otherwise who has the token of the service does it for them. */
export function addAccountRoutes(app: FastifyInstance, accounts: Accounts, isOpen: boolean): void {
  app.post('/auth/register', async (request, reply) => {
    if (!isOpen && !isTrusted(request))
      throw new AppError('FORBIDDEN', { why: 'only the service token registers people' });
    const { username, password } = parse(Credentials, request.body);
    const { token, account } = await accounts.register(username, password);
    return reply.status(201).send({ token, user: shown(account) });
  });
  app.post('/auth/login', async ({ body }) => {
    const { username, password } = parse(Credentials, body);
    const { token, account } = await accounts.login(username, password);
    return { token, user: shown(account) };
  });
  app.post('/auth/logout', async (request, reply) => {
    await accounts.logout(tokenOf(request));
    return reply.status(204).send();
  });
  app.get('/me', async (request) => ({ user: shown(required(request)) }));
  app.get('/me/projects', async (request) => projectsOf(required(request)));
  app.put('/me/projects', async (request) => {
    const { projects, version } = parse(ProjectsBody, request.body);
    return projectsOf(await accounts.replaceProjects(required(request).id, projects, version));
  });
}

const projectsOf = ({ projects, projectsVersion }: Account) => ({ projects, version: projectsVersion });

function required(request: FastifyRequest): Account {
  const account = accountOf(request);
  if (!account) throw new AppError('UNAUTHORIZED', { why: 'this is for accounts; log in' });
  return account;
}
