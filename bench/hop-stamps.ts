import { type Apply, type Core, createApply, createDispatch } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { TicketStore } from '@pco/shared/redis';

export const BARE_PREFIX = 'bare';
export const BARE_QUEUE = 'notify'; // its job options are those of every queue of ours

/** Something that happened on one side of a hop. */
export type HopReport =
  | { readonly committed: readonly { readonly effectId: string; readonly family: string }[]; readonly at: number }
  | { readonly begun: string; readonly at: number; readonly type: string };

/** The machine's monotonic clock, one for all processes, in µs. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);

/** The engine's `apply` over a store that says when a commit was answered and which effects it opened. */
export function stampedApply(core: Core, log: Logger, tell: (report: HopReport) => void): Apply {
  const { queues, policyOf } = core;
  const store: TicketStore = {
    ...core.store,
    async commit(input) {
      const commit = await core.store.commit(input);
      const at = nowUs();
      if (commit.kind === 'committed') {
        const committed = input.change.opens.flatMap(({ item: { id, queue } }) =>
          queue === null ? [] : [{ effectId: id, family: queue.split('.', 1)[0] ?? queue }],
        );
        tell({ committed, at });
      }
      return commit;
    },
  };
  return createApply({ store, dispatch: createDispatch({ store, queues, log }), policyOf, log, graceMs: 2_000 });
}
