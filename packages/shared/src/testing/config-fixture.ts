import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, type ConfigInput, ConfigSchema } from '../config/index.ts';

type Overrides = { readonly [Section in keyof ConfigInput]?: Partial<NonNullable<ConfigInput[Section]>> };

export const API_TOKEN = 'plane_api_0123456789abcdef';
export const PROJECT_ID = '6029a8d4-2c7f-4f0c-9a1e-0d5a4c6b7e8f';

/** A configuration as `readConfig` gives it: free ports everywhere, a Plane and a terminal service that nobody runs. */
export function testConfig(overrides: Overrides = {}): Config {
  const base: Overrides = {
    plane: {
      api_url: 'http://127.0.0.1:9/api/v1',
      api_token: API_TOKEN,
      workspace_slug: 'acme',
      project_ids: [PROJECT_ID],
    },
    tmux_session_service: { url: 'http://127.0.0.1:9' },
    automation: { repo_path: '/nowhere', signal_dir: '' },
    api: { port: 0 },
    poller: { port: 0 },
    session_worker: { port: 0 },
    plane_writer: { port: 0 },
    runner: { id: 'runner-1' },
    queues: { lock_duration_ms: 2_000, stalled_interval_ms: 1_000 },
    data_dir: join(tmpdir(), 'pco-test-data'),
  };
  const names = new Set([...Object.keys(base), ...Object.keys(overrides)]) as Set<keyof ConfigInput>; // exactly its sections
  const merged = [...names].map((name) => {
    const [before, over] = [base[name], overrides[name]];
    return [name, typeof over === 'object' ? { ...Object(before), ...over } : (over ?? before)];
  });
  return ConfigSchema.parse(Object.fromEntries(merged));
}
