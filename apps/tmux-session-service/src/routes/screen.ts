import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseSessionId } from '../session-record.ts';
import type { Tmux } from '../tmux.ts';
import { parse } from './sessions.ts';

/** A name that tmux does not know would be typed letter by letter. */
const KEY =
  /^([CMS]-)*([!-~]|F([1-9]|1[0-2])|Enter|Escape|Tab|BTab|Space|BSpace|Up|Down|Left|Right|Home|End|PageUp|PageDown|PgUp|PgDn|PPage|NPage|Insert|IC|Delete|DC)$/;

const ScreenQuery = z.strictObject({ lines: z.coerce.number().int().min(0).max(10_000).default(0) });
const InputBody = z.strictObject({
  text: z.string().refine((text) => !text.includes('\0'), 'must not hold a zero character'),
  enter: z.boolean().default(false),
});
const KeysBody = z.strictObject({ keys: z.array(z.string().regex(KEY, 'is not a key we send')).min(1).max(100) });
const Params = z.object({ id: z.string().transform(parseSessionId) });

/** Looking at a session and typing into it without a terminal; 404 unless it lives. */
export function addScreenRoutes(app: FastifyInstance, tmux: Tmux): void {
  app.get('/sessions/:id/screen', async ({ params, query }) => {
    const { id } = Params.parse(params);
    const { lines } = parse(ScreenQuery, query);
    return { screen: await tmux.capture(id, lines) };
  });

  app.post('/sessions/:id/input', async ({ params, body }, reply) => {
    const { id } = Params.parse(params);
    const { text, enter } = parse(InputBody, body);
    await tmux.sendText(id, text, enter);
    return reply.status(204).send();
  });

  app.post('/sessions/:id/keys', async ({ params, body }, reply) => {
    const { id } = Params.parse(params);
    await tmux.sendKeys(id, parse(KeysBody, body).keys);
    return reply.status(204).send();
  });
}
