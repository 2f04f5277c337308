import { Readable } from 'node:stream';
import { AppError } from '@pco/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accountOf } from '../access.ts';
import { ASCIICAST_TYPE } from '../asciicast.ts';
import type { Recordings } from '../recordings.ts';
import { parseSessionId } from '../session-record.ts';
import { parse } from './sessions.ts';

const Params = z.object({ id: z.string().transform(parseSessionId) });
const Query = z.object({ name: z.string().optional() });

/** What sessions printed, while they run and after they have ended or been removed. */
export function addRecordingRoutes(app: FastifyInstance, recordings: Recordings): void {
  /** Those of the session that the caller may see; sessions of different owners may follow each other under one id. */
  const visible = async (request: FastifyRequest) => {
    const { id } = Params.parse(request.params);
    const all = (await recordings.list()).filter(({ sessionId }) => sessionId === id);
    const account = accountOf(request);
    if (!account) return all;
    const owners = await Promise.all(all.map(async ({ name }) => (await recordings.readMeta(name)).owner));
    return all.filter((_, index) => owners[index] === account.username);
  };

  app.get('/sessions/:id/recordings', async (request) => ({ recordings: await visible(request) }));

  app.get('/sessions/:id/recording', async (request, reply) => {
    const { name } = parse(Query, request.query);
    const recording = (await visible(request)).findLast((each) => (name ?? each.name) === each.name);
    if (!recording) throw new AppError('RECORDING_NOT_FOUND');
    return reply
      .type(ASCIICAST_TYPE)
      .header('content-disposition', `attachment; filename="${recording.name.replace('~', '-')}.cast"`)
      .send(Readable.from(recordings.play(recording.name)));
  });
}
