import type { SetupCheck } from '../contracts/http/index.ts';

/** What a look found, as `GET /api/setup` shows it too. */
export type Finding = SetupCheck;

export const ok = (what: string, detail: string): Finding => ({ level: 'ok', what, detail, mend: null });
export const warn = (what: string, detail: string, mend: string): Finding => ({ level: 'warn', what, detail, mend });
export const bad = (what: string, detail: string, mend: string): Finding => ({ level: 'bad', what, detail, mend });
