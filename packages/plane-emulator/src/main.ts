import { readConfig } from './config.ts';
import { createPlaneEmulator } from './emulator.ts';
import { stopWithSignals } from './stop-with-signals.ts';

const emulator = await createPlaneEmulator(readConfig(process.env));
process.stdout.write(`plane emulator ready ${emulator.url}\n`);
stopWithSignals(emulator);
