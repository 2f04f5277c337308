import { timingSafeEqual } from 'node:crypto';
import { type ObservedState, SessionId } from '@pco/shared/domain';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Host } from './host.ts';

/** What we read of a hook; Claude Code adds fields with every version. */
export const Hook = z.object({
  hook_event_name: z.string(),
  tool_name: z.string().optional(),
  prompt: z.string().optional(),
  notification_type: z.string().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
});
type Hook = z.output<typeof Hook>;

export interface Seen {
  readonly state: ObservedState;
  readonly detail?: string;
}

/** What a hook says of the agent; undefined when it says nothing about that. `Stop` is the end of a turn, not of the work. */
export function readHook(hook: Hook): Seen | undefined {
  switch (hook.hook_event_name) {
    case 'UserPromptSubmit':
      return /^\s*\/complete\b/.test(hook.prompt ?? '') ? undefined : { state: 'working' };
    case 'PreToolUse':
    case 'PostToolUse':
      return { state: 'working' };
    case 'PermissionRequest':
      return hook.tool_name === 'AskUserQuestion'
        ? { state: 'asking', detail: 'the agent asks a question' }
        : { state: 'permission', detail: `the agent asks to use ${(hook.tool_name ?? 'a tool').slice(0, 100)}` };
    case 'Notification':
      // a tool at work beside the question must not hide it
      return hook.notification_type === 'permission_prompt'
        ? { state: 'permission', detail: (hook.message ?? 'the agent asks for a permission').slice(0, 200) }
        : undefined;
    case 'Stop':
      return { state: 'turn_over', detail: 'the agent ended its turn and has not reported completion' };
    case 'StopFailure':
      return { state: 'limited', detail: (hook.error ?? 'the model could not be reached').slice(0, 200) };
    default:
      return undefined;
  }
}

/** `POST /hooks/<session>`: the ticket's session is in the address, because Claude Code's own id changes on /clear. */
export function addHookRoute(app: FastifyInstance, host: Host, observed: (sessionId: string) => void): void {
  app.post('/hooks/:sessionId', async (request) => {
    const { sessionId } = parse(z.object({ sessionId: SessionId }), request.params);
    await checkToken(host, sessionId, request.headers.authorization);
    const seen = readHook(parse(Hook, request.body));
    if (seen) {
      host.lastSeen.set(sessionId, seen);
      observed(sessionId);
    }
    return {};
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error) throw new AppError('PAYLOAD_INVALID', { why: error.issues.map(({ message }) => message).join('; ') });
  return data;
}

async function checkToken(host: Host, sessionId: string, header: string | undefined): Promise<void> {
  const files = host.files(sessionId);
  if (!(await files.readMeta())) throw new AppError('UNAUTHORIZED');
  const [expected, given] = [`Bearer ${await files.token()}`, header ?? ''].map((text) => Buffer.from(text));
  if (!expected || !given || expected.length !== given.length || !timingSafeEqual(expected, given))
    throw new AppError('UNAUTHORIZED');
}
