import { Readable } from 'node:stream';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ASCIICAST_TYPE, asciicast } from '../asciicast.ts';
import type { Recordings } from '../recordings.ts';
import { parseSessionId } from '../session-record.ts';
import { parse } from './sessions.ts';

const Params = z.object({ id: z.string().transform(parseSessionId) });
const Query = z.object({ name: z.string().optional() });

/** What sessions printed, while they run and after they have ended or been removed. */
export function addRecordingRoutes(app: FastifyInstance, recordings: Recordings): void {
  app.get('/sessions/:id/recordings', async ({ params }) => {
    const { id } = Params.parse(params);
    return { recordings: (await recordings.list()).filter(({ sessionId }) => sessionId === id) };
  });

  app.get('/sessions/:id/recording', async ({ params, query }, reply) => {
    const { id } = Params.parse(params);
    const recording = await recordings.find(id, parse(Query, query).name);
    if (!recording) throw new AppError('RECORDING_NOT_FOUND', { sessionId: id });
    return reply
      .type(ASCIICAST_TYPE)
      .header('content-disposition', `attachment; filename="${recording.name.replace('~', '-')}.cast"`)
      .send(Readable.from(asciicast(recordings, recording.name)));
  });
}
