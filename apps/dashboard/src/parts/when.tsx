import { useEffect, useState } from 'react';
import { ago, exactly } from '../time.ts';

const EACH_MS = 30_000;

/** How long ago, kept true while it stands there; the exact moment, in the viewer's zone, under the pointer. */
export function When({ at, className }: { readonly at: string; readonly className?: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), EACH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={exactly(at)} className={className}>
      {ago(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}
