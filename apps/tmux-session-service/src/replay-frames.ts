import { z } from 'zod';
import type { WindowSize } from './window-control.ts';

/** playing · paused · live: all is shown that there is so far, more comes as it comes · ended */
export type ReplayState = 'playing' | 'paused' | 'live' | 'ended';

/** What a replay tells the browser. Times are milliseconds since the session began. */
export type ReplayFrame =
  | { readonly type: 'ready'; readonly sessionId: string; readonly recording: string; readonly startedAt: string }
  | { readonly type: 'data'; readonly payload: string; readonly atMs: number }
  /** Forget the picture: what follows paints it from the beginning. */
  | { readonly type: 'reset'; readonly atMs: number; readonly reason: 'seek' }
  /** How large the window was; nobody controls it here. */
  | ({ readonly type: 'control'; readonly holder: 'nobody' } & WindowSize)
  | {
      readonly type: 'position';
      readonly atMs: number;
      readonly durationMs: number;
      readonly state: ReplayState;
      readonly speed: number;
    }
  | { readonly type: 'error'; readonly message: string };

export const Speed = z.number().min(0.1).max(100);
export const AtMs = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const ReplayCommand = z.discriminatedUnion('type', [
  /** `maxPauseMs`: silences longer than that are cut short. */
  z.object({ type: z.literal('play'), speed: Speed.optional(), maxPauseMs: z.number().min(0).optional() }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('seek'), atMs: AtMs }),
]);
export type ReplayCommand = z.output<typeof ReplayCommand>;

/** Anything else is ignored, as in a terminal. */
export function parseReplayCommand(text: string): ReplayCommand | undefined {
  try {
    return ReplayCommand.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
