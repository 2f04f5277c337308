import { Bell, BellRing } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { useTurn } from '../shell/first-picture.ts';
import { text } from '../text/index.ts';
import { canNotify, isNotifying, startNotifying, stopNotifying } from './notify.ts';

/** Nobody is asked for the permission before they press it. */
export function NotifySwitch() {
  const isTime = useTurn();
  const [isOn, setOn] = useState(false);
  const [isForbidden, setForbidden] = useState(false);
  useEffect(() => {
    if (!isTime || !canNotify()) return; // to ask for a permission holds the first picture up
    setOn(isNotifying());
    setForbidden(Notification.permission === 'denied');
  }, [isTime]);
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
