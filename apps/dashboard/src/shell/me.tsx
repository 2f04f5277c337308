import { mayUse, type Role } from '@pco/shared/contracts/http/roles';
import { createContext, use } from 'react';

export interface Me {
  readonly name: string;
  readonly role: Role;
  readonly canLogOut: boolean;
  /** Something makes text of what is said. */
  readonly canDictate: boolean;
}

export const MeContext = createContext<Me>({ name: '', role: 'viewer', canLogOut: false, canDictate: false });

/** Whether there is a microphone to press. */
export const useCanDictate = (): boolean => use(MeContext).canDictate && mayUse(use(MeContext).role, 'operator');

/** Whether the person may do what this role may: what nobody may press is not shown. */
export const useMay = (role: Role): boolean => mayUse(use(MeContext).role, role);
