import { text } from '../text/index.ts';
import { useTurn } from './first-picture.ts';
import { useHealth } from './use-health.ts';

const COLOURS = { online: 'text-good', degraded: 'text-warn', offline: 'text-bad' } as const;

/** In the header of every page. */
export function Health() {
  const { status, reasons } = useHealth(useTurn());
  if (!status) return <span className="flex-1" />;
  return (
    <p className={`min-w-0 flex-1 truncate text-sm ${COLOURS[status]}`} role="status" title={reasons.join('\n')}>
      {[text.health[status], ...reasons.slice(0, 1)].join(': ')}
    </p>
  );
}
