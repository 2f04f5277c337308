import { Readable } from 'node:stream';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ASCIICAST_TYPE } from '../asciicast.ts';
import type { Recordings } from '../recordings.ts';
import { parseSessionId } from '../session-record.ts';
import { namedRecording, visibleRecordings } from '../visible-recordings.ts';
import { parse } from './sessions.ts';

const Params = z.object({ id: z.string().transform(parseSessionId) });
const Query = z.object({ name: z.string().optional() });

/** What sessions printed, while they run and after they have ended or been removed. */
export function addRecordingRoutes(app: FastifyInstance, recordings: Recordings): void {
  const visible = (request: FastifyRequest) => visibleRecordings(recordings, request, Params.parse(request.params).id);

  app.get('/sessions/:id/recordings', async (request) => ({ recordings: await visible(request) }));

  app.get('/sessions/:id/recording', async (request, reply) => {
    const { name } = parse(Query, request.query);
    const recording = namedRecording(await visible(request), name);
    if (!recording) throw new AppError('RECORDING_NOT_FOUND');
    return reply
      .type(ASCIICAST_TYPE)
      .header('content-disposition', `attachment; filename="${recording.name.replace('~', '-')}.cast"`)
      .send(Readable.from(recordings.play(recording.name)));
  });
}
