import { PlaneRead } from '@pco/shared/contracts';
import { ROUTES } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import { iso } from '@pco/shared/time';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { queueNames } from '../board.ts';
import { pollHealth } from '../project-health.ts';

/** What is watched in Plane, and what waits in the queues. */
export function addProjectRoutes(app: FastifyInstance, { core }: ApiContext, pools: readonly string[]): void {
  serve(app, ROUTES.projects, async () =>
    (await pollHealth(core)).map(({ project, lastPollAt, ...rest }) => ({
      id: project,
      ...rest,
      last_poll_at: lastPollAt > 0 ? iso(lastPollAt) : null,
    })),
  );

  serve(app, ROUTES.pollProject, async ({ params: { projectId } }, reply) => {
    const found = (await pollHealth(core)).find(
      ({ project, identifier }) => project === projectId || identifier === projectId,
    );
    if (!found) throw new AppError('PROJECT_NOT_FOUND', { why: projectId });
    // while one waits no other is added
    await core.queues.hint(PlaneRead.family, 'poll', { projectId: found.project }, `poll-${found.project}`);
    void reply.status(202);
    return { status: 'queued', project_id: found.project };
  });

  serve(app, ROUTES.queues, async () => {
    const names = await queueNames(core, pools);
    return Promise.all(
      names.map(async (name) => {
        const { oldestAt, ...facts } = await core.queues.facts(name);
        return { name, ...facts, oldest_waiting_at: oldestAt === null ? null : iso(oldestAt) };
      }),
    );
  });
}
