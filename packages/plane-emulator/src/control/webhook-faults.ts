import { z } from 'zod';

/** What is to happen to the next `times` matching deliveries, or to all of them. One delivery tells one changed field. */
export const WebhookFaultSpec = z.discriminatedUnion('kind', [
  /** Never sent. */
  spec('drop', {}),
  /** Sent so many times, each with an id of its own. */
  spec('duplicate', { copies: z.number().int().min(2).max(100).default(2) }),
  /** Sent so much later. */
  spec('delay', { ms: z.number().nonnegative() }),
  /** Sent only after the next delivery has been answered, or after `ms` when there is none. */
  spec('reorder', { ms: z.number().nonnegative().default(5_000) }),
]);
export type WebhookFaultSpec = z.input<typeof WebhookFaultSpec>;
export type WebhookFault = z.output<typeof WebhookFaultSpec>;

function spec<Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) {
  return z.strictObject({
    kind: z.literal(kind),
    event: z.enum(['issue', 'issue_comment']).optional(),
    action: z.enum(['created', 'updated']).optional(),
    /** The changed field, under the name that the delivery gives it. */
    field: z.string().optional(),
    times: z.union([z.number().int().positive(), z.literal('always')]).default(1),
    probability: z.number().min(0).max(1).default(1),
    ...shape,
  });
}

/** What a fault is chosen by. */
export interface DeliveryHead {
  readonly event: string;
  readonly action: string;
  readonly field: string | null;
}

export interface WebhookFaults {
  add(spec: WebhookFaultSpec): string;
  list(): { id: string; left: number | 'always'; fault: WebhookFault }[];
  remove(id: string): void;
  clear(): void;
  /** The first fault that fits, used up by one. */
  take(head: DeliveryHead): WebhookFault | undefined;
}

export function createWebhookFaults(): WebhookFaults {
  const faults = new Map<string, { fault: WebhookFault; left: number | 'always' }>();
  let last = 0;
  return {
    add(given) {
      const fault = WebhookFaultSpec.parse(given);
      last += 1;
      faults.set(`webhook-fault-${last}`, { fault, left: fault.times });
      return `webhook-fault-${last}`;
    },
    list: () => [...faults].map(([id, { fault, left }]) => ({ id, left, fault })),
    remove: (id) => void faults.delete(id),
    clear: () => faults.clear(),
    take(head) {
      for (const [id, entry] of faults) {
        if (!fits(entry.fault, head) || Math.random() >= entry.fault.probability) continue;
        if (entry.left !== 'always') entry.left -= 1;
        if (entry.left === 0) faults.delete(id);
        return entry.fault;
      }
      return undefined;
    },
  };
}

const fits = (fault: WebhookFault, head: DeliveryHead): boolean =>
  (fault.event ?? head.event) === head.event &&
  (fault.action ?? head.action) === head.action &&
  (fault.field ?? head.field) === head.field;
