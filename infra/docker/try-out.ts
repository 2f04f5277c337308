import { existsSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { AGENT_SCRIPT, SEED, TOKEN, TRY_OUT_PROJECT_ID, WORKSPACE } from '../../apps/launcher/src/try-out.ts';
import { createScratchRepo } from '../../apps/launcher/src/try-out-repo.ts';

// What the try-out of infra/compose.yaml begins with: a repository, work items, and a configuration that the operator's
// own replaces.

const CONFIG = '/etc/pco/config.yaml';
const REPOSITORY = '/work/repositories/demo';

const config = {
  plane: {
    api_url: 'http://plane:5100/api/v1',
    api_token: TOKEN,
    workspace_slug: WORKSPACE,
    project_ids: [TRY_OUT_PROJECT_ID],
    poll_interval: 10,
    initial_scan: 'enqueue',
  },
  automation: { repo_path: REPOSITORY, agent_command: ['/bin/sh', AGENT_SCRIPT] },
};

await createScratchRepo(REPOSITORY);
writeFileSync('/var/lib/pco/plane/seed.json', JSON.stringify(SEED, null, 2));
if (!existsSync(CONFIG)) writeFileSync(CONFIG, `# Written by the try-out\n${stringify(config)}`);
