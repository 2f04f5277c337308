import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { RECORDING_MAX_BYTES, Transcription } from '@pco/shared/contracts/http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from '../testing/api-fixture.ts';
import { holdToDeclaration } from '../testing/hold-to-declaration.ts';
import { SAID, type SpeechService, startSpeechService } from '../testing/speech-service.ts';

const PATH = '/api/transcribe';
const TOKEN = 'a-token-of-an-operator';
const SECRET = 'what-the-service-wants';
const tokens = { mei: { role: 'operator', hash: createHash('sha256').update(TOKEN).digest('hex') } } as const;
const authorization = `Bearer ${TOKEN}`;

let service: SpeechService;
let api: ApiFixture;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  service = resources.use(await startSpeechService());
  api = resources.use(await withService({ url: service.url, token: SECRET }));
});
afterAll(() => resources.disposeAsync());
beforeEach(() => service.answer('text'));

const withService = (transcription: { url?: string; path?: string; token?: string; timeout?: number }) =>
  apiFixture({ tokens }, undefined, { transcription });

function recordingOf(bytes: number, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(bytes)], { type: 'audio/webm' }), 'recording.webm');
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

async function send(to: ApiFixture, body: BodyInit | undefined, init: RequestInit & { duplex?: 'half' } = {}) {
  const { headers, ...others } = init;
  const answer = await fetch(to.url + PATH, {
    method: 'POST',
    headers: { authorization, ...headers },
    ...(body === undefined ? {} : { body }),
    ...others,
  });
  const text = await answer.text();
  const json: unknown = JSON.parse(text);
  holdToDeclaration('POST', PATH, { status: answer.status, json, text });
  return { status: answer.status, json };
}

test('a recording goes to the service as it is, with its token, and its text comes back', async () => {
  const { status, json } = await send(api, recordingOf(300_000, { language: 'pt' }));
  expect(status).toBe(200);
  expect(Transcription.parse(json)).toMatchObject({ text: SAID, language: 'pt', duration: 1.5 });
  expect(service.heard.at(-1)).toEqual({
    path: '/transcribe',
    bytes: 300_000,
    fields: { language: 'pt' },
    authorization: `Bearer ${SECRET}`,
    fileType: 'audio/webm',
  });
});

test("a service that speaks OpenAI's protocol gets it at its own path, and says only the text", async () => {
  await using other = await withService({ url: service.url, path: '/v1/audio/transcriptions' });
  service.answer({ status: 200, body: JSON.stringify({ text: SAID }) });
  expect(await send(other, recordingOf(10))).toEqual({ status: 200, json: { text: SAID } });
  expect(service.heard.at(-1)).toMatchObject({ path: '/v1/audio/transcriptions', bytes: 10 });
});

test('the audit log says who dictated, and nothing of what', async () => {
  await send(api, recordingOf(10));
  const { json } = await api.call('GET', '/api/me', { headers: { authorization } });
  expect(json).toMatchObject({ name: 'mei', can_dictate: true });
  const entries = await api.core.redis.client.xrevrange(api.core.redis.keys.audit, '+', '-', 'COUNT', 1);
  expect(JSON.stringify(entries)).toContain('transcribe');
  expect(JSON.stringify(entries)).not.toContain(SAID);
});

test('where no service is configured there is nothing to send to, and pages may not use the microphone', async () => {
  await using plain = await withService({});
  expect(await send(plain, recordingOf(10))).toMatchObject({ status: 404, json: { code: 'ROUTE_DISABLED' } });
  const off = await plain.call('GET', '/api/me', { headers: { authorization } });
  expect(off.json).toMatchObject({ can_dictate: false });
  expect(off.headers['permissions-policy']).toContain('microphone=()');
  const on = await api.call('GET', '/api/me', { headers: { authorization } });
  expect(on.headers['permissions-policy']).toContain('microphone=(self)');
});

const detail = (said: string): string => JSON.stringify({ detail: said });
test.each([
  [400, detail('no sound in it'), 400, 'AUDIO_EMPTY', 'no sound in it'],
  [413, detail('over 25 MB'), 413, 'BODY_TOO_LARGE', 'over 25 MB'],
  [503, detail('loading'), 503, 'TRANSCRIPTION_NOT_READY', 'loading'],
  [502, detail('upstream'), 502, 'TRANSCRIPTION_FAILED', 'it answered 502: upstream'],
  [500, '<html>', 502, 'TRANSCRIPTION_FAILED', 'it answered 500'],
  [401, detail('who?'), 502, 'TRANSCRIPTION_FAILED', 'is transcription.token right'],
  [200, '{"words":1}', 502, 'TRANSCRIPTION_FAILED', 'without a text'],
  [200, 'Hello', 502, 'TRANSCRIPTION_FAILED', 'without a text'],
  [500, detail('x'.repeat(9_000)), 502, 'TRANSCRIPTION_FAILED', 'xxx'],
])('a service that answers %i %s is told as %i', async (status, body, told, code, words) => {
  service.answer({ status, body });
  const answer = await send(api, recordingOf(10));
  expect(answer).toMatchObject({ status: told, json: { code, detail: expect.stringContaining(words) } });
  expect(JSON.stringify(answer.json).length).toBeLessThan(600);
});

test('no service behind the address, and one that takes too long, are told as what they are', async () => {
  await using nobody = await withService({ url: 'http://127.0.0.1:9' });
  expect(await send(nobody, recordingOf(10))).toMatchObject({ status: 502, json: { code: 'TRANSCRIPTION_FAILED' } });
  await using slow = await withService({ url: service.url, timeout: 0.3 });
  service.answer('hold');
  expect(await send(slow, recordingOf(10))).toMatchObject({
    status: 502,
    json: { detail: expect.stringContaining('it took longer than 0.3 s') },
  });
  service.release();
});

test('an empty recording, none at all and what is no form are refused', async () => {
  expect(await send(api, recordingOf(0))).toMatchObject({ status: 400, json: { code: 'AUDIO_EMPTY' } });
  const type = { 'content-type': 'multipart/form-data; boundary=x' };
  expect(await send(api, undefined, { headers: type })).toMatchObject({ status: 400, json: { code: 'AUDIO_EMPTY' } });
  const json = { 'content-type': 'application/json' };
  expect(await send(api, '{}', { headers: json })).toMatchObject({ status: 415, json: { code: 'MEDIA_TYPE_WRONG' } });
});

test('more than 60 MiB is refused, said beforehand or not, and the service never has it whole', async () => {
  const before = service.heard.length;
  const tooLarge = { status: 413, json: { code: 'BODY_TOO_LARGE', detail: expect.stringContaining('60 MiB') } };
  expect(await statusOfAnnounced(RECORDING_MAX_BYTES + 1)).toBe(413);
  const chunk = new Uint8Array(1024 ** 2);
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks += 1;
      if (chunks > 61) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  expect(await send(api, body, { headers, duplex: 'half' })).toMatchObject(tooLarge);
  expect(service.heard.length).toBe(before);
});

/** Of a body of which nothing but its length was sent. */
function statusOfAnnounced(bytes: number): Promise<number | undefined> {
  const headers = { authorization, 'content-type': 'multipart/form-data; boundary=x', 'content-length': bytes };
  const asked = request(api.url + PATH, { method: 'POST', headers });
  asked.flushHeaders();
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => {
        asked.destroy();
        resolve(answer.statusCode);
      });
    });
  });
}

test('who hangs up frees the service', async () => {
  service.answer('hold');
  const before = service.abandoned();
  const gone = new AbortController();
  const asked = send(api, recordingOf(10), { signal: gone.signal });
  await expect.poll(() => service.underWay()).toBe(1);
  gone.abort();
  await expect(asked).rejects.toThrow();
  await expect.poll(() => service.abandoned()).toBe(before + 1);
  service.release();
});

test('eight at a time are passed on, and the ninth is told to come again', async () => {
  service.answer('hold');
  const asked = Array.from({ length: 8 }, () => send(api, recordingOf(10)));
  await expect.poll(() => service.underWay()).toBe(8);
  expect(await send(api, recordingOf(10))).toMatchObject({ status: 429, json: { code: 'TRANSCRIPTION_BUSY' } });
  service.answer('text');
  service.release();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect((await send(api, recordingOf(10))).status).toBe(200);
});
