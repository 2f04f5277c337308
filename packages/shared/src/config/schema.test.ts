import { expect, test } from 'vitest';
import { ConfigSchema } from './schema.ts';

const MINIMAL = { plane: { api_url: 'http://plane/api/v1', workspace_slug: 'acme' } };

test('a project overrides what it names and nothing else', () => {
  const { projects, automation, triggers } = ConfigSchema.parse({
    ...MINIMAL,
    automation: { base_branch: 'main', keep_minutes: 30 },
    triggers: { comments: false },
    projects: { ACME: { repo_path: '/srv/acme', triggers: { new_tickets: false } } },
  });
  expect(projects.ACME).toEqual({ repo_path: '/srv/acme', triggers: { new_tickets: false } });
  expect(automation).toMatchObject({ base_branch: 'main', keep_minutes: 30, permission_mode: 'acceptEdits' });
  expect(triggers).toEqual({ new_tickets: true, status_changes: true, comments: false });
});

test('filters and rules of approval are checked, and a limit a day is always there', () => {
  const parse = (tree: object) => ConfigSchema.safeParse({ ...MINIMAL, ...tree });
  const { data } = parse({ auto_approve: { priority_at_most: 'medium' }, projects: { ACME: { auto_approve: false } } });
  expect(data).toMatchObject({
    filters: {},
    auto_approve: { per_day: 10 },
    projects: { ACME: { auto_approve: false } },
  });
  const faults = [
    { filters: { labels_any: [] } },
    { filters: { priority_at_most: 'highest' } },
    { filters: { state_groups: ['todo'] } },
    { filters: { label: ['agent'] } },
    { filters: { per_day: 3 } },
    { auto_approve: { per_day: 0 } },
    { projects: { ACME: { auto_approve: true } } },
  ];
  expect(faults.filter((tree) => parse(tree).success)).toEqual([]);
});
