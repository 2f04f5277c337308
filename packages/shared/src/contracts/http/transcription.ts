import { z } from 'zod';
import { defineRoute } from './route.ts';

/** Longest recording that is taken, with the form around it. */
export const RECORDING_MAX_BYTES = 60 * 1024 * 1024;

/** What the service made of a recording; it may say more than we know of. */
export const Transcription = z
  .looseObject({
    text: z.string(),
    language: z.string().nullish().describe('In which it was spoken, as the service understood'),
    duration: z.number().nullish().describe('Seconds'),
    segments: z.array(z.unknown()).nullish(),
  })
  .meta({ id: 'Transcription' });
export type Transcription = z.output<typeof Transcription>;

export const transcriptionRoutes = {
  transcribe: defineRoute({
    method: 'POST',
    path: '/api/transcribe',
    role: 'operator',
    tag: 'sessions',
    summary:
      'Make text of speech, by the service at `transcription.url`. Nothing is kept, and nothing is done with the text',
    takes: 'multipart/form-data',
    body: z.unknown().meta({
      type: 'object',
      properties: {
        file: { type: 'string', format: 'binary', description: 'The recording, at most 60 MiB' },
        language: {
          type: 'string',
          description: 'In which it is spoken, such as `pt` or `en`; else the service finds out',
        },
      },
      required: ['file'],
    }),
    bodyLimitBytes: RECORDING_MAX_BYTES,
    answers: { 200: Transcription },
    refusals: [404, 502],
  }),
};
