/** What a look found: `warn` may be meant, `bad` keeps the product from working. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'bad';
  /** What was looked at. */
  readonly what: string;
  readonly detail: string;
  /** What to do about it. */
  readonly mend: string | null;
}

export const ok = (what: string, detail: string): Finding => ({ level: 'ok', what, detail, mend: null });
export const warn = (what: string, detail: string, mend: string): Finding => ({ level: 'warn', what, detail, mend });
export const bad = (what: string, detail: string, mend: string): Finding => ({ level: 'bad', what, detail, mend });
