import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** One answer of the model: words, and at most one tool call, after whose result Claude Code asks again. */
export interface Turn {
  readonly text: string;
  readonly tool?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> };
  /** The model thinks until this resolves: holds the agent at work until the test says so. */
  readonly after?: Promise<unknown>;
  /** The model answers with this status instead, as it does at a limit. */
  readonly fails?: number;
}

/** A turn, or how it follows from what was asked. */
export type ScriptedTurn = Turn | ((request: ModelRequest) => Turn);

/** What Claude Code asked the model. */
export interface ModelRequest {
  /** The newest text of a person in the conversation, without what Claude Code adds to it. */
  readonly prompt: string;
  /** Every text block, tool call and tool result so far. */
  readonly conversation: string;
  readonly tools: readonly string[];
}

/** A stand-in for the Messages API on loopback: Claude Code itself is the real one, only the model is scripted. */
export interface ModelStub extends AsyncDisposable {
  readonly url: string;
  /** Prompts that contain the text get these turns, one per request; what is asked beyond them gets "OK". */
  script(promptContains: string, turns: readonly ScriptedTurn[]): void;
  /** Requests of the agent itself, oldest first; side questions without tools are left out. */
  requests(promptContains?: string): readonly ModelRequest[];
}

const Block = z.looseObject({ type: z.string(), text: z.string().optional() });
type Block = z.output<typeof Block>;
/** What we read of a request; everything else of it is Claude Code's own affair. */
const Body = z.object({
  model: z.string(),
  stream: z.boolean().default(false),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Block)]) })),
  tools: z.array(z.looseObject({ name: z.string().optional() })).default([]),
});
type Body = z.output<typeof Body>;

export async function startModelStub(): Promise<ModelStub> {
  const scripts: { readonly contains: string; readonly turns: ScriptedTurn[] }[] = [];
  const requests: ModelRequest[] = [];

  const answer = (body: Body): Turn => {
    if (body.tools.length === 0) return { text: '{"title":"a session"}' }; // a title and the like
    const request = readRequest(body);
    requests.push(request);
    const script = scripts.findLast(({ contains }) => request.prompt.includes(contains));
    const turn = script?.turns.shift() ?? { text: 'OK' };
    return typeof turn === 'function' ? turn(request) : turn;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://stub');
    if (request.method === 'HEAD') return void response.writeHead(200).end(); // Claude Code knocks first
    const raw = await text(request);
    if (request.method !== 'POST' || pathname !== '/v1/messages') return sendError(response, 404, 'not_found_error');
    const { data: body, error } = Body.safeParse(JSON.parse(raw));
    if (error) return sendError(response, 400, 'invalid_request_error', error.message);
    const turn = answer(body);
    await turn.after;
    if (turn.fails) return sendError(response, turn.fails, 'rate_limit_error', 'this account is at its limit');
    const message = toMessage(turn, body.model);
    if (body.stream) sendStream(response, message);
    else sendJson(response, 200, message);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((err: unknown) => sendError(response, 500, 'api_error', String(err)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    script: (contains, turns) => void scripts.push({ contains, turns: [...turns] }),
    requests: (contains = '') => requests.filter(({ prompt }) => prompt.includes(contains)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readRequest({ messages, tools }: Body): ModelRequest {
  const contents = messages.map(({ role, content }) => ({
    role,
    blocks: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  }));
  // after a refusal what a person types comes in one message with the tool's result
  const typed = contents.filter(({ role }) => role === 'user');
  return {
    prompt: typed.map(({ blocks }) => ownWords(blocks)).findLast((words) => words !== '') ?? '',
    conversation: contents
      .flatMap(({ blocks }) => blocks.map((block) => block.text ?? JSON.stringify(block)))
      .join('\n'),
    tools: tools.map(({ name }) => name ?? ''),
  };
}

const ownWords = (blocks: readonly Block[]): string =>
  blocks
    .filter(({ type }) => type === 'text')
    .map(({ text: words = '' }) => words)
    .join('\n')
    .replaceAll(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')
    .trim();

type Message = ReturnType<typeof toMessage>;

function toMessage({ text: words, tool }: Turn, model: string) {
  const id = (prefix: string) => `${prefix}_${randomBytes(12).toString('hex')}`;
  return {
    id: id('msg'),
    type: 'message',
    role: 'assistant',
    model,
    content: [
      { type: 'text' as const, text: words },
      ...(tool ? [{ type: 'tool_use' as const, id: id('toolu'), name: tool.name, input: tool.input }] : []),
    ],
    stop_reason: tool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}

/** The events of a streamed answer, each block in one piece. */
function sendStream(response: ServerResponse, message: Message): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', { message: { ...message, content: [], stop_reason: null } });
  for (const [index, block] of message.content.entries()) {
    const isText = block.type === 'text';
    send('content_block_start', { index, content_block: isText ? { ...block, text: '' } : { ...block, input: {} } });
    const delta = isText
      ? { type: 'text_delta', text: block.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
  }
  const { stop_reason, stop_sequence, usage } = message;
  send('message_delta', { delta: { stop_reason, stop_sequence }, usage });
  send('message_stop', {});
  response.end();
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function sendError(response: ServerResponse, status: number, type: string, message = type): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, status, { type: 'error', error: { type, message } });
}
