import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a request held, as the service understood it. */
export interface Heard {
  readonly path: string;
  readonly bytes: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly fileType: string;
}

export interface SpeechService extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** Requests whose caller hung up before it had its answer. */
  readonly abandoned: () => number;
  readonly underWay: () => number;
  /** How the next recordings are answered; `hold` answers when `release` is called. */
  answer(how: Answer): void;
  release(): void;
}

export type Answer = { readonly status: number; readonly body: string } | 'text' | 'hold';

export const SAID = 'Please round half cents up.';

/** A service that speaks the API of a Whisper service (B-239) and hears the same in every recording. */
export async function startSpeechService(): Promise<SpeechService> {
  const heard: Heard[] = [];
  let how: Answer = 'text';
  let abandoned = 0;
  let underWay = 0;
  let gate = Promise.withResolvers<void>();

  async function transcribe(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const type = request.headers['content-type'] ?? '';
    const form = await new Response(await buffer(request), { headers: { 'content-type': type } }).formData();
    const file = form.get('file');
    if (!(file instanceof File)) return say(response, 422, { detail: 'file is missing' });
    const fields = Object.fromEntries(
      [...form].flatMap(([name, value]) => (value instanceof File ? [] : [[name, value]])),
    );
    const { url: path = '', headers } = request;
    heard.push({ path, bytes: file.size, fields, authorization: headers.authorization, fileType: file.type });
    if (file.size === 0) return say(response, 400, { detail: 'empty audio' });
    if (how === 'hold') await gate.promise;
    if (typeof how === 'object') return void response.writeHead(how.status).end(how.body);
    say(response, 200, { text: SAID, language: fields.language ?? 'en', duration: 1.5, segments: [] });
  }

  const server = createServer((request, response) => {
    underWay += 1;
    response.on('close', () => {
      underWay -= 1;
      if (!response.writableFinished) abandoned += 1;
    });
    if (request.url === '/health') return say(response, 200, { status: 'ok' });
    transcribe(request, response).catch(() => response.destroy()); // a form that broke off
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    abandoned: () => abandoned,
    underWay: () => underWay,
    answer: (next) => {
      how = next;
    },
    release: () => {
      gate.resolve();
      gate = Promise.withResolvers();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
