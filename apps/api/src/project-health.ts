import type { Core } from '@pco/shared/engine';

/** What the poller last noted of each project: a failing one must not look like an empty one (B-060). */
export async function pollHealth({ redis: { client, keys } }: Core) {
  const projects: {
    project: string;
    identifier: string;
    lastPollAt: number;
    failures: number;
    error: string | null;
  }[] = [];
  for (const project of await client.smembers(keys.projects)) {
    const noted = await client.hgetall(keys.pollHealth(project));
    projects.push({
      project,
      identifier: noted.identifier ?? '',
      lastPollAt: Number(noted.lastPollAt ?? 0),
      failures: Number(noted.failures ?? 0),
      error: noted.error || null,
    });
  }
  return projects;
}
