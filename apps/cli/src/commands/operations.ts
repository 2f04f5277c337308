import type { Command } from '../command.ts';
import { ago } from '../output.ts';

export const operationCommands: readonly Command[] = [
  {
    name: 'projects list',
    summary: 'Projects that are watched, with their last poll and its error',
    async run({ api, out }) {
      const projects = await api().call('projects');
      const now = Date.now();
      out.result(projects, () =>
        out.table(
          projects,
          [
            { title: 'PROJECT', of: ({ identifier }) => identifier },
            { title: 'ID', of: ({ id }) => id },
            {
              title: 'POLLED',
              of: ({ last_poll_at }) => (last_poll_at === null ? 'never' : `${ago(last_poll_at, now)} ago`),
            },
            { title: 'FAILURES', of: ({ failures }) => failures },
            { title: 'ERROR', of: ({ error }) => error ?? '', gives: true },
          ],
          'no project is watched yet: the poller has not run',
        ),
      );
    },
  },
  {
    name: 'projects poll',
    summary: 'Poll a project now instead of at its next turn',
    args: [{ name: 'project', kind: { of: 'project' } }],
    async run({ api, out, arg }) {
      const answer = await api().call('pollProject', { params: { projectId: arg('project') }, body: {} });
      out.result(answer, () => out.say(`${arg('project')} is polled next`));
    },
  },
  {
    name: 'runners',
    summary: 'Hosts that run sessions, and why one takes nothing',
    async run({ api, out }) {
      const runners = await api().call('runners');
      const now = Date.now();
      out.result(runners, () =>
        out.table(
          runners,
          [
            { title: 'RUNNER', of: ({ id }) => id },
            {
              title: 'STATE',
              of: ({ state }) => state,
              paint: (cell, { state }) => out.paint(state === 'ready' ? 'green' : 'yellow', cell),
            },
            { title: 'USED', of: ({ used, capacity }) => `${used}/${capacity ?? '?'}` },
            { title: 'POOLS', of: ({ pools }) => pools.join(','), gives: true },
            { title: 'HOST', of: ({ host }) => host, gives: true },
            { title: 'SEEN', of: ({ last_heartbeat_at }) => `${ago(last_heartbeat_at, now)} ago` },
            { title: 'TAKES NOTHING BECAUSE', of: (each) => each.takes_nothing_because ?? '', gives: true },
          ],
          'no runner has ever sent a heartbeat; is a session-worker running?',
        ),
      );
    },
  },
  {
    name: 'runners give-up',
    summary: 'A host is gone for good: frees its slots, its tickets can be retried',
    args: [{ name: 'runner', kind: { of: 'runner' } }],
    async run({ api, out, arg }) {
      const answer = await api().call('giveUpRunner', { params: { runner: arg('runner') }, body: {} });
      out.result(answer, () =>
        out.say(`${answer.runner} is given up; to be retried: ${answer.tickets.join(', ') || 'nothing'}`),
      );
    },
  },
  {
    name: 'queues',
    summary: 'Queues with their depth and the age of the oldest waiting job',
    async run({ api, out }) {
      const queues = await api().call('queues');
      const now = Date.now();
      out.result(queues, () =>
        out.table(
          queues,
          [
            { title: 'QUEUE', of: ({ name }) => name },
            { title: 'WAITING', of: ({ jobs }) => (jobs.waiting ?? 0) + (jobs.prioritized ?? 0) },
            { title: 'ACTIVE', of: ({ jobs }) => jobs.active ?? 0 },
            { title: 'DELAYED', of: ({ jobs }) => jobs.delayed ?? 0 },
            { title: 'FAILED', of: ({ jobs }) => jobs.failed ?? 0 },
            { title: 'OLDEST', of: ({ oldest_waiting_at }) => ago(oldest_waiting_at, now) ?? '' },
          ],
          'no queue has had a job yet',
        ),
      );
    },
  },
];
