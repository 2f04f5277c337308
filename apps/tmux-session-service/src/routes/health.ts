import { messageOf } from '@pco/shared/errors';
import { addProbes, type HealthReason } from '@pco/shared/service';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Tmux } from '../tmux.ts';

export function addHealthRoutes(app: FastifyInstance, tmux: Tmux, registry: Registry): void {
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
    const health = await look();
    return reply.status(health.ok ? 200 : 503).send(health);
  });
  addProbes(app, registry, async () => {
    const { ok, error } = await look();
    return { ok, checks: { tmux: error ?? 'ok' } };
  });
}
