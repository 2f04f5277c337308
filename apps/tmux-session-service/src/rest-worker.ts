import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { workerData } from 'node:worker_threads';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { castLines } from './asciicast.ts';
import { CAST_FILE } from './recording-folder.ts';

// A thread of its own: looking for secrets takes seconds of a processor, and terminals must not stutter meanwhile.
const folder = z.string().parse(workerData);
const part = join(folder, `${CAST_FILE}.part`);
try {
  await pipeline(castLines(folder), createGzip(), createWriteStream(part, { mode: 0o600, flush: true }));
  await rename(part, join(folder, CAST_FILE));
} catch (err) {
  await rm(part, { force: true }); // on a full disk it would only be in the way
  throw err;
}
