import type { SetupCheck } from '@pco/shared/contracts/http';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { text } from '../text/index.ts';

const LOOKS = {
  ok: { icon: CircleCheck, colour: 'text-good' },
  warn: { icon: TriangleAlert, colour: 'text-warn' },
  bad: { icon: CircleX, colour: 'text-bad' },
} as const;

interface MarkProps {
  readonly level: SetupCheck['level'];
  readonly isLarge?: boolean;
}

/** Fine, worth a look, or missing: by form as well as by colour. */
export function Mark({ level, isLarge = false }: MarkProps) {
  const { icon: Icon, colour } = LOOKS[level];
  return (
    <span className={`shrink-0 ${colour}`}>
      <Icon size={isLarge ? 22 : 18} aria-hidden />
      <span className="sr-only">{text.setup.marks[level]}</span>
    </span>
  );
}
