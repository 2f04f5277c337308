import { which } from '../../apps/launcher/src/run-command.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** A Chromium of this machine, or the one that PCO_TEST_CHROMIUM names. */
export const findChromium = (): string | undefined =>
  process.env.PCO_TEST_CHROMIUM ?? NAMES.map((name) => which(name)).find((path) => path !== undefined);
