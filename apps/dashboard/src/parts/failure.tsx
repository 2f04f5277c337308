import { text } from '../text/index.ts';
import { Button } from './button.tsx';

/** What could not be shown, and the way to try again. */
export const Failure = ({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) => (
  <div className="grid justify-items-center gap-3 px-4 py-24 text-center text-bad" role="alert">
    <p>{error.message}</p>
    <Button onClick={onRetry}>{text.retryLoad}</Button>
  </div>
);

/** A failure of one action beside what it belongs to; the words are the service's own (B-190). */
export const Banner = ({ error, onDismiss }: { readonly error: Error; readonly onDismiss: () => void }) => (
  <p className="flex items-center justify-between gap-2 text-sm text-bad" role="alert">
    <span dir="auto">{error.message}</span>
    <Button look="quiet" onClick={onDismiss}>
      {text.dismiss}
    </Button>
  </p>
);
