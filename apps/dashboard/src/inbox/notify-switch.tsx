import { Bell, BellRing } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import { canNotify, isNotifying, startNotifying, stopNotifying } from './notify.ts';

/** Nobody is asked for the permission before they press it. */
export function NotifySwitch() {
  const [isOn, setOn] = useState(isNotifying);
  const [isForbidden, setForbidden] = useState(() => canNotify() && Notification.permission === 'denied');
  if (!canNotify()) return null;
  const press = async () => {
    if (isOn) stopNotifying();
    const next = !isOn && (await startNotifying());
    setOn(next);
    setForbidden(Notification.permission === 'denied');
  };
  const Icon = isOn ? BellRing : Bell;
  return (
    <Button look="quiet" aria-pressed={isOn} disabled={isForbidden} onClick={() => void press()}>
      <Icon size={16} aria-hidden />
      {isForbidden ? text.inbox.notifyForbidden : isOn ? text.inbox.notifying : text.inbox.notify}
    </Button>
  );
}
