import { readConfig } from './config.ts';
import { createPlaneEmulator } from './emulator.ts';

const emulator = await createPlaneEmulator(readConfig(process.env));
process.stdout.write(`plane emulator ready ${emulator.url}\n`);

const stop = () => {
  emulator[Symbol.asyncDispose]().then(
    () => process.exit(0),
    (err) => {
      process.stderr.write(`plane emulator could not stop cleanly: ${err}\n`);
      process.exit(1);
    },
  );
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
