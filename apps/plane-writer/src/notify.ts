import type { EffectHandler } from '@pco/shared/engine';

const LOUD: ReadonlySet<string> = new Set(['failed', 'parked', 'runner_lost', 'budget']);

/** Says in the log that a person is waited for. The flow never depends on it. */
export const createNotify =
  (): EffectHandler =>
  async ({ ticket, effect, log }) => {
    const kind = effect.args.kind ?? 'changed';
    const { status, reason, workItem } = ticket;
    const level = LOUD.has(kind) ? 'warn' : 'info';
    log[level](
      {
        event: `notify.${kind}`,
        status,
        reason,
        project: workItem.project,
        waiting: ticket.observed?.detail,
        limits: ticket.session?.warned,
      },
      kind === 'budget' ? 'a session comes near a limit of its budget' : 'a person is waited for',
    );
    return {};
  };
