import type { EffectHandler } from '@pco/shared/engine';

/** Says in the log that a person is waited for. The flow never depends on it. */
export const createNotify =
  (): EffectHandler =>
  async ({ ticket, effect, log }) => {
    const kind = effect.args.kind ?? 'changed';
    const { status, reason, workItem } = ticket;
    const level = kind === 'failed' || kind === 'parked' || kind === 'runner_lost' ? 'warn' : 'info';
    log[level](
      { event: `notify.${kind}`, status, reason, project: workItem.project, waiting: ticket.observed?.detail },
      'a person is waited for',
    );
    return {};
  };
