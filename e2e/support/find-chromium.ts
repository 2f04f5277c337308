import { which } from '@pco/shared/run-program';
import { CHROMIUM_PROGRAMS } from '../../apps/launcher/src/system-packages.ts';

/** A Chromium of this machine, or the one that PCO_TEST_CHROMIUM names. */
export const findChromium = (): string | undefined =>
  process.env.PCO_TEST_CHROMIUM ?? CHROMIUM_PROGRAMS.map((name) => which(name)).find((path) => path !== undefined);
