// Before the services of infra/compose.yaml: makes the secrets, once, and hands on what the operator has put into
// infra/config. Runs as root without a network, because whoever owns those files is nobody that a container knows.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SECRETS = '/run/secrets';
const CONFIG = '/etc/pco';
const OPERATOR = '/operator';
/** Users of the containers. */
const SERVICES = 10001;
const REDIS = 999;
const GRAFANA = 472;

const keep = (path, owner, mode) => {
  chownSync(path, owner, SERVICES);
  chmodSync(path, mode);
};
const secret = (name, owner, mode = 0o400) => {
  const path = join(SECRETS, name);
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o400 });
  keep(path, owner, mode);
  return readFileSync(path, 'utf8').trim();
};

keep(SECRETS, SERVICES, 0o751); // each reads its own, by name
secret('api-token', SERVICES);
secret('worker-token', SERVICES);
secret('terminal-token', SERVICES, 0o440); // also host-terminals, who has another user
secret('grafana-password', GRAFANA);
const metrics = secret('metrics-token', SERVICES, 0o440); // also Prometheus
const password = secret('redis-password', REDIS);
const made = {
  'api-tokens.yaml': `metrics: { role: viewer, hash: ${createHash('sha256').update(metrics).digest('hex')} }`,
  'redis-url': `redis://:${password}@redis:6379/0`,
  'redis.conf': [
    'include /etc/redis/base.conf',
    'bind * -::*',
    `requirepass ${password}`,
    // refused is better than killed: the container's limit is above it
    `maxmemory ${process.env.REDIS_MAXMEMORY ?? '768mb'}`,
    'dir /data',
  ].join('\n'),
};
for (const [name, text] of Object.entries(made)) {
  const path = join(SECRETS, name);
  writeFileSync(path, `${text}\n`);
  keep(path, name === 'redis.conf' ? REDIS : SERVICES, 0o400);
}

const given = existsSync(OPERATOR) ? readdirSync(OPERATOR).filter((name) => !name.startsWith('.')) : [];
for (const name of given) {
  copyFileSync(join(OPERATOR, name), join(CONFIG, name));
  keep(join(CONFIG, name), SERVICES, 0o400);
}
if (!existsSync(join(CONFIG, 'config.yaml'))) {
  process.stderr.write(
    'There is no infra/config/config.yaml. Write one with\n' +
      '  npm run init -- --config infra/config/config.yaml\n' +
      'or try it without a Plane of yours:\n' +
      '  docker compose --profile try-out up --build --detach\n',
  );
  process.exit(1);
}
process.stdout.write(
  'Secrets and configuration are in place. A link that logs one browser in, once:\n  docker compose exec api pco login-link\n',
);
