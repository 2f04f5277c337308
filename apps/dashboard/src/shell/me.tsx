import { mayUse, type Role } from '@pco/shared/contracts/http';
import { createContext, use } from 'react';

export interface Me {
  readonly name: string;
  readonly role: Role;
  readonly canLogOut: boolean;
}

export const MeContext = createContext<Me>({ name: '', role: 'viewer', canLogOut: false });

/** Whether the person may do what this role may: what nobody may press is not shown. */
export const useMay = (role: Role): boolean => mayUse(use(MeContext).role, role);
