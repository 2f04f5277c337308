import { bad, type Finding, ok } from '@pco/shared/checks';
import type { Config } from '@pco/shared/config';
import { messageOf } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import { urlOf } from '@pco/shared/url-of';
import { holderOf } from '../lock.ts';
import { isFree } from '../ports.ts';
import { type Endpoint, endpointsOf } from '../services.ts';

export async function checkPorts(config: Config): Promise<Finding[]> {
  const holder = holderOf(config.data_dir);
  return await Promise.all(endpointsOf(config).map((endpoint) => checkPort(endpoint, holder)));
}

async function checkPort(endpoint: Endpoint, holder: number | undefined): Promise<Finding> {
  const { service, port, host, key, variable } = endpoint;
  if (await isFree(port, host)) {
    return holder === undefined
      ? ok(service, `port ${port} is free`)
      : bad(service, `does not run, although npm start does (pid ${holder})`, 'look into its log lines');
  }
  if (holder === undefined) return bad(service, `port ${port} is in use`, `free it, or set ${key} (${variable})`);
  const health = await readiness(endpoint);
  return health === undefined
    ? ok(service, `runs on port ${port}`)
    : bad(service, `is not ready: ${health}`, 'look into its log lines');
}

async function readiness(endpoint: Endpoint): Promise<string | undefined> {
  try {
    const answer = await fetch(`${urlOf(endpoint)}/readyz`, { signal: AbortSignal.timeout(5 * SECOND_MS) });
    return answer.ok ? undefined : `${answer.status} ${(await answer.text()).slice(0, 200)}`;
  } catch (err) {
    return messageOf(err);
  }
}
