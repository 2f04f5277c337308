import type { Config } from '../config/index.ts';
import { isLoopback } from '../service/index.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Whether deliveries could get here; only Plane's own log knows whether they do. */
export function checkWebhooks({ webhooks, api, plane }: Config): Finding {
  const what = 'webhooks';
  const { length } = webhooks.secrets;
  if (length === 0) return ok(what, `no secret is set: changes are found by polls, every ${plane.poll_interval} s`);
  const known = `${length} ${length === 1 ? 'secret' : 'secrets'}`;
  const isNear = isLoopback(new URL(plane.api_url).hostname);
  if (isNear || api.token) return ok(what, `${known}; Plane's address for them ends in /webhooks/plane of the api`);
  return warn(
    what,
    `${known}, but without api.token the api answers to nobody but this host, and Plane is elsewhere`,
    'set api.token, then api.host, or a proxy in front of the api',
  );
}
