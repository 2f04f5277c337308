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
