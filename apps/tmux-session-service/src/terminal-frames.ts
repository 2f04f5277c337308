import { z } from 'zod';

/** What a terminal tells the browser (B-156…B-159). */
export type ServerFrame =
  | { readonly type: 'ready'; readonly sessionId: string }
  | { readonly type: 'data'; readonly payload: string }
  | { readonly type: 'exit'; readonly exitCode: number; readonly signal: number | null }
  | { readonly type: 'error'; readonly message: string };

const Cells = z.int().min(1).max(1000);
const ClientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input'), payload: z.string() }),
  z.object({ type: z.literal('resize'), cols: Cells, rows: Cells }),
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
