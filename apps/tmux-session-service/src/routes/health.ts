import { messageOf } from '@pco/shared/errors';
import { addProbes, configHealth, type HealthReason } from '@pco/shared/service';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import type { Tmux } from '../tmux.ts';

export interface HealthOptions {
  readonly config: Config;
  readonly tmux: Tmux;
  readonly registry: Registry;
}

export function addHealthRoutes(app: FastifyInstance, { config, tmux, registry }: HealthOptions): void {
  const look = async () => {
    try {
      return { ok: true, tmuxAvailable: true, tmuxVersion: await tmux.check(), error: null, reasons: [] };
    } catch (err) {
      const error = messageOf(err);
      const reasons: HealthReason[] = [{ code: 'tmux-unusable', why: error }];
      return { ok: false, tmuxAvailable: false, tmuxVersion: null, error, reasons };
    }
  };
  // B-139, but 503 when tmux is unusable
  app.get('/health', async (_request, reply) => {
    const { reasons, ...health } = await look();
    const own = configHealth(config);
    const all = [...reasons, ...own.reasons];
    const status = all.length === 0 ? 'healthy' : 'degraded';
    return reply.status(health.ok ? 200 : 503).send({ ...health, status, reasons: all, config: own.config });
  });
  addProbes(app, registry, async () => {
    const { ok, error } = await look();
    return { ok, checks: { tmux: error ?? 'ok' } };
  });
}
