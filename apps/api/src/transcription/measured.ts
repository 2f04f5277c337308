import { type Readable, Transform } from 'node:stream';
import { RECORDING_MAX_BYTES } from '@pco/shared/contracts/http';
import { AppError } from '@pco/shared/errors';

export const tooLong = (): AppError =>
  new AppError('BODY_TOO_LARGE', { why: `a recording has at most ${RECORDING_MAX_BYTES / 1024 ** 2} MiB` });

/**
 * The same bytes, ended with an error where there are none, or too many. Whoever sends them reads our answer when all is
 * sent, so what comes after an end of ours is taken and forgotten.
 */
export function measured(form: Readable): Transform {
  let bytes = 0;
  const out = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= RECORDING_MAX_BYTES) return done(null, chunk);
      done(tooLong());
    },
    flush(done) {
      done(bytes === 0 ? new AppError('AUDIO_EMPTY') : null);
    },
  });
  form.on('error', (cause) => out.destroy(new AppError('REQUEST_UNREADABLE', { why: 'it broke off' }, { cause })));
  form.pipe(out);
  out.on('close', () => form.unpipe(out).resume());
  return out;
}
