import { actions } from './actions.ts';
import { common } from './common.ts';
import { inbox } from './inbox.ts';
import { terminals } from './terminals.ts';

/** Every word that people read, in one place: another language is another object of this shape. */
export const text = { ...common, actions, inbox, terminals } as const;
