import type { FastifyInstance } from 'fastify';
import { type Config, configState } from '../config/index.ts';
import type { Readiness } from './http.ts';

/** Why a service is not healthy, or not all of the product is. Each has its line in docs/runbook.md. */
export const HEALTH_CODES = [
  'redis-away',
  'redis-replicas',
  'terminal-service-away',
  'tmux-unusable',
  'no-runner',
  'runner-without-room',
  'start-waits',
  'poll-failing',
  'poll-late',
  'writes-stopped',
  'webhooks-silent',
  'config-refused',
] as const;
export type HealthCode = (typeof HEALTH_CODES)[number];

export interface HealthReason {
  readonly code: HealthCode;
  /** For a person, with what to do where that is known. */
  readonly why: string;
}

/** How the process stands to its configuration: a file with faults is a reason, a restart that is due is not. */
export function configHealth(config: object) {
  const { refused, needRestart } = configState(config);
  const reasons: HealthReason[] = refused === null ? [] : [{ code: 'config-refused', why: refused }];
  return { reasons, config: { refused, needs_restart: [...needRestart] } };
}

/**
 * `/health` of a service beside the api: always 200, with every reason that is not as it should be.
 *
 * @param more what only this service can tell
 */
export function addHealth(
  app: FastifyInstance,
  config: Config,
  ready: () => Promise<Readiness>,
  more: () => Promise<readonly HealthReason[]> = async () => [],
): void {
  app.get('/health', async () => {
    const { ok, checks } = await ready().catch(() => ({ ok: false, checks: {} }));
    const own = configHealth(config);
    const redis: HealthReason[] = ok
      ? []
      : [
          {
            code: 'redis-away',
            why: 'Redis does not answer; see `redis` in the configuration, and the log of this service',
          },
        ];
    const reasons = [...redis, ...own.reasons, ...(await more().catch(() => []))];
    return { status: reasons.length === 0 ? 'healthy' : 'degraded', reasons, checks, config: own.config };
  });
}
