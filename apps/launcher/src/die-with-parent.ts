import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into every service by `npm start` (node --import). The launcher holds the other end of our standard input;
 * when that closes the launcher is gone, even by SIGKILL, and we stop like on SIGTERM instead of living on unwatched.
 */
const STOP_MS = 12_000; // a service stops within 10 s by itself

// threads of a service load this too, and the input of a thread has ended from the beginning
if (isMainThread) {
  process.stdin.on('end', leave).on('error', leave).resume();
  // Types know a file or a terminal here as well; on a pipe it is a socket, and must not keep a finished service alive.
  if ('unref' in process.stdin) process.stdin.unref();
}

function leave(): void {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_MS).unref();
}
