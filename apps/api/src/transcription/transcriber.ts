import type { Readable } from 'node:stream';
import { Transcription } from '@pco/shared/contracts/http';
import { AppError, messageOf } from '@pco/shared/errors';
import { SECOND_MS } from '@pco/shared/time';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { measured } from './measured.ts';

interface Service {
  readonly url: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly timeoutSeconds: number;
}

/** A multipart form as a browser sends it. */
export interface Form {
  readonly form: Readable;
  readonly type: string;
  readonly length: string | undefined;
  /** Nobody waits for the text any more. */
  readonly signal: AbortSignal;
}

export interface Transcriber extends AsyncDisposable {
  /** @throws AppError AUDIO_EMPTY, BODY_TOO_LARGE, TRANSCRIPTION_FAILED, TRANSCRIPTION_NOT_READY */
  transcribe(form: Form): Promise<Transcription>;
}

/** An hour of speech with its segments is far below it. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

/** The service that makes text of speech: `POST /transcribe` of B-239, or what another one has in its place. */
export function openTranscriber({ url, path, token, timeoutSeconds }: Service): Transcriber {
  const timeoutMs = timeoutSeconds * SECOND_MS;
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, maxResponseSize: ANSWER_MAX_BYTES });
  return {
    async transcribe({ form, type, length, signal }) {
      const late = AbortSignal.timeout(timeoutMs);
      const recording = measured(form);
      const failed = (cause: unknown): never => {
        const { errored } = recording; // what we found wrong with it is what broke the request off
        if (errored instanceof AppError) throw errored;
        const why = late.aborted ? `it took longer than ${timeoutSeconds} s` : `${url} (${messageOf(cause)})`;
        throw new AppError('TRANSCRIPTION_FAILED', { why }, { cause });
      };
      const answer = await request(`${url}${path}`, {
        method: 'POST',
        dispatcher,
        signal: AbortSignal.any([signal, late]),
        headers: {
          'content-type': type,
          ...(length === undefined ? {} : { 'content-length': length }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: recording,
      }).catch(failed);
      const text = await answer.body.text().catch(failed);
      return readAnswer(answer, text);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

const Complaint = z.object({ detail: z.string() });

function readAnswer({ statusCode }: Dispatcher.ResponseData, text: string): Transcription {
  const json = parsed(text);
  const said = Complaint.safeParse(json).data?.detail.slice(0, 300).toWellFormed();
  const why = said === undefined ? {} : { why: `the service says: ${said}` };
  if (statusCode === 400) throw new AppError('AUDIO_EMPTY', why);
  if (statusCode === 413) throw new AppError('BODY_TOO_LARGE', why);
  if (statusCode === 503) throw new AppError('TRANSCRIPTION_NOT_READY', why);
  if (statusCode === 401 || statusCode === 403)
    throw new AppError('TRANSCRIPTION_FAILED', { why: 'it refuses us; is transcription.token right?' });
  const transcription = Transcription.safeParse(json);
  if (statusCode === 200 && transcription.success) return transcription.data;
  throw new AppError('TRANSCRIPTION_FAILED', {
    why: `it answered ${statusCode}${said === undefined ? (statusCode === 200 ? ' without a text' : '') : `: ${said}`}`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
