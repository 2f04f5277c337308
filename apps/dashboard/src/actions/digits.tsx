import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import type { Wish } from './use-decide.ts';

interface DigitsProps {
  /** What 1, 2, … mean, in the agent's words. */
  readonly choices: readonly string[];
  readonly isBusy: boolean;
  onDecide(wish: Wish): void;
}

/** A button per choice: one press, or its digit while the card has the focus, answers. */
export function Digits({ choices, isBusy, onDecide }: DigitsProps) {
  if (choices.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {choices.map((label, at) => {
        const digit = String(at + 1);
        return (
          <Button
            key={digit}
            className="min-w-0 max-w-full"
            data-key={digit}
            title={label || undefined}
            disabled={isBusy}
            onClick={() => onDecide({ name: 'answer', body: { answer: digit } })}
          >
            <span className="sr-only">{text.actions.answer}</span>
            <kbd className="font-sans text-xs text-quiet">{digit}</kbd>
            {label ? (
              <bdi className="min-w-0 max-w-80 truncate" dir="auto">
                {label}
              </bdi>
            ) : null}
          </Button>
        );
      })}
    </div>
  );
}
