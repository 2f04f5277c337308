import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

// `npm run soak`: the full counts behind the short forms of `npm test`: every kill case many times, properties with
// many more runs, and the whole suite again and again. PCO_SOAK_ROUNDS says how often (default 20).

const ROOT = resolve(import.meta.dirname, '..');
const rounds = Number(process.env.PCO_SOAK_ROUNDS ?? 20);

const run = (what: string, args: readonly string[], env: Record<string, string>): void => {
  console.log(`\nsoak: ${what}`);
  const { status } = spawnSync(process.execPath, [resolve(ROOT, 'e2e/run-tests.ts'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  console.error(`soak: failed in: ${what}`);
  process.exit(status ?? 1);
};

run('properties, 50 times as many runs', ['--project', 'unit', '--testTimeout', '600000'], { PCO_SOAK_FACTOR: '50' });
run(`every kill case ${rounds} times`, ['--project', 'e2e', 'e2e/kill', '--testTimeout', '300000'], {
  PCO_KILL_ROUNDS: String(rounds),
});
run(
  'masters of Redis killed behind sentinels and in a cluster, at every moment and under many tickets',
  ['--project', 'e2e', 'e2e/failover'],
  {
    PCO_FAILOVER_ROUNDS: String(Math.ceil(rounds / 4)),
    PCO_FAILOVER_TICKETS: '200',
  },
);
run('odd and lying agents, every kind with 25 seeds', ['--project', 'e2e', 'e2e/odd-agents'], {
  PCO_ODD_SEEDS: '25',
  PCO_ODD_FLOOD_MB: '100',
});
run('1,000 starts and completions, their services killed at random', ['--project', 'e2e', 'e2e/session-kills'], {
  PCO_SESSION_KILL_TICKETS: '1000',
});
run(
  'a team at work for twice five minutes on 10,000 work items, webhooks lost, then doubled and reordered',
  ['--project', 'e2e', 'e2e/team'],
  {
    PCO_TEAM_ITEMS: '10000',
  },
);
run('200 approvals at once over three runners of five slots', ['--project', 'e2e', 'e2e/runners'], {
  PCO_RUNNER_TICKETS: '200',
  PCO_RUNNER_SLOTS: '5',
  PCO_RUNNER_SECONDS: '12 20',
});
run('6,000 sound and hostile requests to every operation of two apis', ['--project', 'e2e', 'e2e/api-walk'], {
  PCO_WALK_REQUESTS: '6000',
});
run('200 browsers and 10,000 events, apis and Redis restarted', ['--project', 'e2e', 'e2e/events'], {
  PCO_EVENT_READERS: '200',
  PCO_EVENTS: '10000',
});
run('500 write-backs, writers killed, one request in five failing', ['--project', 'e2e', 'e2e/write-back'], {
  PCO_WRITE_BACKS: '500',
});
const lists = ['--project', 'e2e', 'e2e/dashboard-tickets', 'e2e/dashboard-inbox'];
run('10,000 tickets scrolled through in a browser, and as many in the inbox', lists, {
  PCO_TICKETS: '10000',
});
run('20 MB in a terminal of the dashboard', ['--project', 'e2e', 'e2e/dashboard-terminals'], {
  PCO_TERMINAL_FLOOD_MB: '20',
});
for (let round = 1; round <= rounds; round += 1) run(`everything, round ${round} of ${rounds}`, [], {});
console.log('\nsoak: all passed');
