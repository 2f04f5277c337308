import type { TicketView } from '@pco/shared/contracts/http';
import type { ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import type { Wish } from './use-decide.ts';

/** What the parts of a ticket's actions are given; `children` is what can be done besides. */
export interface Decidable {
  readonly ticket: TicketView;
  readonly isBusy: boolean;
  readonly children: ReactNode;
  onDecide(wish: Wish): void;
}

export interface Choice {
  readonly label: string;
  readonly busy: string;
  readonly wish: Wish;
  /** Pressed by `r` instead of the skip. */
  readonly refuses?: true;
}

interface ChoicesProps extends Decidable {
  readonly choices: readonly Choice[];
}

/** What one press decides; the first is what is mostly wanted, and what `a` presses. */
export const Choices = ({ choices, isBusy, onDecide, children }: ChoicesProps) => (
  <div className="flex flex-wrap gap-2">
    {choices.map(({ label, busy, wish, refuses }, at) => (
      <Button
        key={label}
        look={at === 0 ? 'primary' : 'plain'}
        data-key={at === 0 ? 'a' : refuses ? 'r' : undefined}
        disabled={isBusy}
        onClick={() => onDecide(wish)}
      >
        {isBusy && at === 0 ? busy : label}
      </Button>
    ))}
    {children}
  </div>
);
