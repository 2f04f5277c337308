import { z } from 'zod';
import { Time } from './common.ts';
import { defineRoute } from './route.ts';

const ProjectId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "a project's UUID or its identifier");

/** A project that is watched, as its last poll left it. */
export const ProjectView = z
  .object({
    id: z.string(),
    identifier: z.string(),
    last_poll_at: Time.nullable(),
    failures: z.int().describe('Polls in a row that failed'),
    error: z.string().nullable(),
  })
  .meta({ id: 'Project' });
export type ProjectView = z.output<typeof ProjectView>;

export const QueueView = z
  .object({
    name: z.string(),
    jobs: z.record(z.string(), z.int()).describe('How many in each state'),
    oldest_waiting_at: Time.nullable().describe('When the job was added that has waited longest for a worker'),
    completed: z.int(),
    failed: z.int(),
  })
  .meta({ id: 'Queue' });
export type QueueView = z.output<typeof QueueView>;

export const projectRoutes = {
  projects: defineRoute({
    method: 'GET',
    path: '/api/projects',
    role: 'viewer',
    tag: 'plane',
    summary: 'Projects that are watched, with their last poll and its error',
    answers: { 200: z.array(ProjectView) },
  }),
  pollProject: defineRoute({
    method: 'POST',
    path: '/api/projects/:projectId/poll',
    role: 'operator',
    tag: 'plane',
    summary: 'Poll a project now instead of at its next turn',
    params: z.strictObject({ projectId: ProjectId }),
    answers: { 202: z.object({ status: z.literal('queued'), project_id: z.string() }) },
  }),
  queues: defineRoute({
    method: 'GET',
    path: '/api/queues',
    role: 'viewer',
    tag: 'operations',
    summary: 'Every queue with its depth and the age of its oldest waiting job',
    answers: { 200: z.array(QueueView) },
  }),
};
