import { Readable } from 'node:stream';
import { RECORDING_MAX_BYTES, ROUTES } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';
import type { FastifyPluginAsync } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { serve } from '../app/serve.ts';
import { tooLong } from '../transcription/measured.ts';
import { openTranscriber } from '../transcription/transcriber.ts';

/** So many at the same time: a service with one model makes text of one after the other, and its callers wait. */
const AT_ONCE = 8;

/** `POST /api/transcribe`: a recording goes through us to the configured service, and only its text comes back (B-206). */
export const addTranscriptionRoute =
  ({ config }: ApiContext): FastifyPluginAsync =>
  async (app) => {
    const { url, path, token, timeout } = config.transcription;
    const transcriber = url === undefined ? undefined : openTranscriber({ url, path, token, timeoutSeconds: timeout });
    app.addHook('onClose', () => transcriber?.[Symbol.asyncDispose]());
    // neither read nor kept here: what comes is sent on
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('multipart/form-data', (_request, payload, done) => done(null, payload));
    let underWay = 0;
    serve(app, ROUTES.transcribe, async ({ body, headers }, reply) => {
      if (!transcriber)
        throw new AppError('ROUTE_DISABLED', { why: 'set transcription.url to a service that makes text of speech' });
      if (!(body instanceof Readable))
        throw new AppError('AUDIO_EMPTY', { why: 'send it as the multipart field `file`' });
      const { 'content-type': type = '', 'content-length': length } = headers;
      if (Number(length ?? 0) > RECORDING_MAX_BYTES) throw tooLong();
      if (underWay >= AT_ONCE) throw new AppError('TRANSCRIPTION_BUSY');
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      underWay += 1;
      try {
        return await transcriber.transcribe({ form: body, type, length, signal: gone.signal });
      } finally {
        underWay -= 1;
      }
    });
  };
