import { Bell, BellRing } from 'lucide-react';
import { useReducer } from 'react';
import { Button } from '../parts/button.tsx';
import { useTurn } from '../shell/first-picture.ts';
import { text } from '../text/index.ts';
import { canNotify, isNotifying, startNotifying, stopNotifying } from './notify.ts';

/** Nobody is asked for the permission before they press it. */
export function NotifySwitch() {
  const isTime = useTurn(); // to ask the browser whether we may holds the first picture up
  const [, drawAnew] = useReducer((drawn: number) => drawn + 1, 0);
  if (!canNotify()) return null;
  const isOn = isTime && isNotifying();
  const isForbidden = isTime && Notification.permission === 'denied';
  const press = async () => {
    if (isOn) stopNotifying();
    else await startNotifying();
    drawAnew();
  };
  const Icon = isOn ? BellRing : Bell;
  return (
    <Button look="quiet" aria-pressed={isOn} disabled={isForbidden} onClick={() => void press()}>
      <Icon size={16} aria-hidden />
      {isForbidden ? text.inbox.notifyForbidden : isOn ? text.inbox.notifying : text.inbox.notify}
    </Button>
  );
}
