const FULL = 0.9;
const BUSY = 0.75;

interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  /** The same in words. */
  readonly said: string;
  /** Being full is what it is there for, and no trouble. */
  readonly isFine?: boolean;
}

/** How much of something is used. */
export function Meter({ label, value, max, said, isFine = false }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  const colour = isFine || share < BUSY ? 'bg-accent' : share < FULL ? 'bg-warn' : 'bg-bad';
  return (
    <div className="grid gap-1">
      <div className="flex justify-between gap-3 text-xs">
        <span className="truncate text-quiet">{label}</span>
        <span className="whitespace-nowrap tabular-nums">{said}</span>
      </div>
      <div className="h-1.5 overflow-hidden rounded-full bg-raised" aria-hidden>
        <div className={`h-full rounded-full ${colour}`} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
