import type { Readable } from 'node:stream';
import { AppError, messageOf } from '@pco/shared/errors';
import { iso, SECOND_MS } from '@pco/shared/time';
import { request } from 'undici';
import { z } from 'zod';
import type { TerminalPlace } from './terminal-place.ts';

const TIMEOUT_MS = 8 * SECOND_MS;

const Recordings = z.object({
  recordings: z.array(z.object({ name: z.string(), startedAtMs: z.number(), bytes: z.number(), isEnded: z.boolean() })),
});

/** What is kept of a session's output. */
export async function listRecordings(place: TerminalPlace) {
  const answer = await ask(place, 'recordings');
  const { recordings } = Recordings.parse(await answer.body.json());
  return recordings.map(({ name, startedAtMs, bytes, isEnded }) => ({
    name,
    session_id: place.sessionId,
    started_at: iso(startedAtMs),
    bytes,
    ended: isEnded,
  }));
}

/** A recording as asciicast v2, as it comes; the terminal service has taken the secrets out. */
export async function openRecording(place: TerminalPlace, name: string): Promise<Readable> {
  return (await ask(place, `recording?${new URLSearchParams({ name })}`)).body;
}

async function ask({ url, token, sessionId, runner }: TerminalPlace, what: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await request(`${url}/sessions/${sessionId}/${what}`, {
    headers,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  }).catch((cause) => {
    throw new AppError('SESSIONS_UNREACHABLE', { why: `of ${runner} (${messageOf(cause)})` }, { cause });
  });
  if (answer.statusCode < 300) return answer;
  await answer.body.dump();
  if (answer.statusCode === 404) throw new AppError('RECORDING_NOT_FOUND');
  throw new AppError('SESSIONS_UNREACHABLE', { why: `of ${runner}: status ${answer.statusCode}` });
}
