import { ConfigSchema } from '@pco/shared/config';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configText } from './config-text.ts';

const project = (id: string, repo: string) => ({ id, identifier: 'ABC', name: 'A name\nof two lines', repo });
const base = { apiUrl: 'https://p/api/v1', workspace: 'acme', tokenFile: 'plane-token' };

test('one repository is set once, for all projects', () => {
  const text = configText({ ...base, projects: [project('id-1', '/srv/a'), project('id-2', '/srv/a')] });
  const config = ConfigSchema.parse(parse(text));
  expect(config.plane).toMatchObject({ project_ids: ['id-1', 'id-2'], api_token_file: 'plane-token' });
  expect(config.automation.repo_path).toBe('/srv/a');
  expect(config.projects).toEqual({});
});

test('several repositories are set per project', () => {
  const text = configText({ ...base, projects: [project('id-1', '/srv/a'), project('id-2', '/srv/b')] });
  const config = ConfigSchema.parse(parse(text));
  expect(config.automation.repo_path).toBeUndefined();
  expect(config.projects).toMatchObject({ 'id-1': { repo_path: '/srv/a' }, 'id-2': { repo_path: '/srv/b' } });
});
