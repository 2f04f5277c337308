import { text } from '../text.ts';

export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  return (
    <div className="empty" role="alert">
      <p>{error.message}</p>
      <button type="button" onClick={onRetry}>
        {text.retryLoad}
      </button>
    </div>
  );
}
