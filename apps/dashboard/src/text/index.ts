import { actions } from './actions.ts';
import { automation } from './automation.ts';
import { common } from './common.ts';
import { dictation } from './dictation.ts';
import { fleet } from './fleet.ts';
import { inbox } from './inbox.ts';
import { setup } from './setup.ts';
import { observed, statuses } from './statuses.ts';
import { terminals } from './terminals.ts';
import { attempts, diff, ticket, timeline, transcript } from './ticket.ts';
import { tickets } from './tickets.ts';

/** Every word that people read, in one place: another language is another object of this shape. */
export const text = {
  ...common,
  actions,
  attempts,
  automation,
  dictation,
  diff,
  fleet,
  inbox,
  observed,
  setup,
  statuses,
  terminals,
  ticket,
  tickets,
  timeline,
  transcript,
} as const;
