/** `warn` may be meant; `FAIL` keeps the product from working. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'FAIL';
  /** What was looked at. */
  readonly what: string;
  readonly detail: string;
  /** What to do about it. */
  readonly mend?: string;
}

export const ok = (what: string, detail: string): Finding => ({ level: 'ok', what, detail });
export const warn = (what: string, detail: string, mend: string): Finding => ({ level: 'warn', what, detail, mend });
export const fail = (what: string, detail: string, mend: string): Finding => ({ level: 'FAIL', what, detail, mend });

export const lineOf = ({ level, what, detail, mend }: Finding): string =>
  `${level.padEnd(4)}  ${what}: ${detail}${mend ? `\n      -> ${mend}` : ''}`;
