import type { TerminalCommand, TerminalFrame } from '@pco/shared/contracts/http';
import { z } from 'zod';

export type ServerFrame = TerminalFrame;
export type Access = Extract<TerminalFrame, { type: 'ready' }>['access'];
export type ResetReason = Extract<TerminalFrame, { type: 'reset' }>['reason'];

const Cells = z.int().min(1).max(1000);
const ClientFrame: z.ZodType<TerminalCommand> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), payload: z.string() }),
  z.object({ type: z.literal('resize'), cols: Cells, rows: Cells }),
  z.object({ type: z.literal('control'), action: z.enum(['take', 'release']) }),
]);

/** B-160, B-161; anything else is ignored (B-162). */
export function parseClientFrame(text: string): TerminalCommand | undefined {
  try {
    return ClientFrame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
