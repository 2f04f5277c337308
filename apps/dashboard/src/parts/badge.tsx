import type { ReactNode } from 'react';

const TONES = {
  neutral: 'bg-raised text-quiet',
  accent: 'bg-accent/12 text-accent',
  good: 'bg-good/12 text-good',
  warn: 'bg-warn/12 text-warn',
  bad: 'bg-bad/12 text-bad',
} as const;
export type Tone = keyof typeof TONES;

export const Badge = ({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) => (
  <span
    className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
  >
    {children}
  </span>
);
