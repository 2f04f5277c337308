import { which } from '@pco/shared/run-program';

/** A kubectl of this machine (1.27 or newer: what it renders with knows components), or the one that PCO_TEST_KUBECTL names. */
export const findKubectl = (): string | undefined => process.env.PCO_TEST_KUBECTL ?? which('kubectl');
