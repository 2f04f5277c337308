import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { PANEL } from '../parts/section.tsx';
import { text } from '../text/index.ts';
import { useHealthDetails } from './use-fleet.ts';

const LOOKS = {
  online: { icon: CircleCheck, colour: 'text-good', edge: '' },
  degraded: { icon: TriangleAlert, colour: 'text-warn', edge: 'border-warn/50' },
  offline: { icon: CircleX, colour: 'text-bad', edge: 'border-bad/50' },
} as const;

/** How it all is, with every reason (B-184). */
export function HealthPanel() {
  const { data, isError } = useHealthDetails();
  if (!data && !isError) return null;
  const status = isError || !data ? 'offline' : data.status === 'healthy' ? 'online' : 'degraded';
  const { icon: Icon, colour, edge } = LOOKS[status];
  const words = text.fleet.health;
  return (
    <div className={`${PANEL} flex gap-3 ${edge}`}>
      <Icon size={20} aria-hidden className={`mt-0.5 shrink-0 ${colour}`} />
      <div className="grid min-w-0 gap-1">
        <p>
          <strong className={`font-semibold ${colour}`}>{text.health[status]}</strong>{' '}
          <span className="text-sm text-quiet">{words[status]}</span>
        </p>
        {status === 'degraded' && data ? (
          <ul className="grid gap-1 text-sm">
            {data.reasons.map(({ code, why }) => (
              <li key={`${code} ${why}`} className="wrap-anywhere">
                {why}
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </div>
  );
}
