import { createContext, type ReactNode, use } from 'react';
import { type InboxState, useInboxPages } from './use-inbox-pages.ts';

const InboxContext = createContext<InboxState | undefined>(undefined);

/** What needs a person now, whatever page is shown. */
export function useInbox(): InboxState {
  const state = use(InboxContext);
  if (!state) throw new Error('there is no InboxProvider');
  return state;
}

/** Asks once for all who show or count it. */
export function InboxProvider({ children }: { readonly children: ReactNode }) {
  return <InboxContext value={useInboxPages('')}>{children}</InboxContext>;
}
