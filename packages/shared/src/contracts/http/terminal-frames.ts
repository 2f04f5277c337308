import { z } from 'zod';

const Size = { cols: z.int().positive(), rows: z.int().positive() };

/** What a terminal tells the browser (B-156…B-159); what B-156 and B-157 do not name may be ignored. */
export const TerminalFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    sessionId: z.string(),
    access: z.enum(['view', 'control']),
    /** Names the numbering: numbers of another recording mean nothing here. null when output has no numbers. */
    recording: z.string().nullable(),
  }),
  /** `seq`: a client that reconnects with `?from=<seq>` gets what follows this frame, all of it and nothing twice. */
  z.object({ type: z.literal('data'), payload: z.string(), seq: z.number().optional() }),
  /**
   * Forget the picture: the next `data` paints it anew. joined: the first picture · lost: what follows the number is not
   * kept · settled: a picture drawn in a flood is put right
   */
  z.object({
    type: z.literal('reset'),
    seq: z.number(),
    reason: z.enum(['joined', 'lost', 'settled', 'resized']),
  }),
  /** Who sets the size of the window, and how large it is. */
  z.object({ type: z.literal('control'), holder: z.enum(['you', 'other', 'nobody']), ...Size }),
  z.object({ type: z.literal('exit'), exitCode: z.number().nullable(), signal: z.number().nullable() }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type TerminalFrame = z.output<typeof TerminalFrame>;

/** What a browser tells a terminal (B-160, B-161). */
export type TerminalCommand =
  | { readonly type: 'input'; readonly payload: string }
  | { readonly type: 'resize'; readonly cols: number; readonly rows: number }
  | { readonly type: 'control'; readonly action: 'take' | 'release' };

/** What a replay tells the browser. Times are milliseconds since the session began. */
export const ReplayFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), sessionId: z.string(), recording: z.string(), startedAt: z.string() }),
  z.object({ type: z.literal('data'), payload: z.string(), atMs: z.number() }),
  /** Forget the picture: what follows paints it from the beginning. */
  z.object({ type: z.literal('reset'), atMs: z.number(), reason: z.literal('seek') }),
  /** How large the window was; nobody controls it here. */
  z.object({ type: z.literal('control'), holder: z.literal('nobody'), ...Size }),
  z.object({
    type: z.literal('position'),
    atMs: z.number(),
    durationMs: z.number(),
    /** live: all is shown that there is so far, more comes as it comes */
    state: z.enum(['playing', 'paused', 'live', 'ended']),
    speed: z.number(),
  }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);
export type ReplayFrame = z.output<typeof ReplayFrame>;

/** What a browser tells a replay. */
export type ReplayCommand =
  /** `maxPauseMs`: silences longer than that are cut short. */
  | { readonly type: 'play'; readonly speed?: number | undefined; readonly maxPauseMs?: number | undefined }
  | { readonly type: 'pause' }
  | { readonly type: 'seek'; readonly atMs: number };

/** How the WebSocket of a terminal or a replay ends, also as the api has it. Told in the README of the terminal service. */
export const SOCKET_CLOSE = {
  normal: 1000,
  refused: 1008,
  failed: 1011,
  unauthorized: 4401,
  notFound: 4404,
  unreachable: 4503,
} as const;
