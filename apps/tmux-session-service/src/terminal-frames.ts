import { z } from 'zod';

export type Access = 'view' | 'control';

/** What a terminal tells the browser (B-156…B-159); what B-156 and B-157 do not name may be ignored. */
export type ServerFrame =
  | {
      readonly type: 'ready';
      readonly sessionId: string;
      readonly access: Access;
      /** Names the numbering: numbers of another recording mean nothing here. null when output has no numbers. */
      readonly recording: string | null;
    }
  /** `seq`: a client that reconnects with `?from=<seq>` gets what follows this frame, all of it and nothing twice. */
  | { readonly type: 'data'; readonly payload: string; readonly seq?: number }
  /** Forget the picture: the next `data` paints it anew. */
  | { readonly type: 'reset'; readonly seq: number; readonly reason: ResetReason }
  /** Who sets the size of the window, and how large it is. */
  | {
      readonly type: 'control';
      readonly holder: 'you' | 'other' | 'nobody';
      readonly cols: number;
      readonly rows: number;
    }
  | { readonly type: 'exit'; readonly exitCode: number; readonly signal: number | null }
  | { readonly type: 'error'; readonly message: string };
/** joined: the first picture · lost: what follows the number is not kept · settled: a picture drawn in a flood is put right */
export type ResetReason = 'joined' | 'lost' | 'settled' | 'resized';

const Cells = z.int().min(1).max(1000);
const ClientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), payload: z.string() }),
  z.object({ type: z.literal('resize'), cols: Cells, rows: Cells }),
  z.object({ type: z.literal('control'), action: z.enum(['take', 'release']) }),
]);
export type ClientFrame = z.output<typeof ClientFrame>;

/** B-160, B-161; anything else is ignored (B-162). */
export function parseClientFrame(text: string): ClientFrame | undefined {
  try {
    return ClientFrame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
