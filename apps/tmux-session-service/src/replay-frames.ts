import type { ReplayCommand as Command, ReplayFrame } from '@pco/shared/contracts/http';
import { z } from 'zod';

export type ReplayState = Extract<ReplayFrame, { type: 'position' }>['state'];

export const Speed = z.number().min(0.1).max(100);
export const AtMs = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const ReplayCommand: z.ZodType<Command> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('play'), speed: Speed.optional(), maxPauseMs: z.number().min(0).optional() }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('seek'), atMs: AtMs }),
]);

/** Anything else is ignored, as in a terminal. */
export function parseReplayCommand(text: string): Command | undefined {
  try {
    return ReplayCommand.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
