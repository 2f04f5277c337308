import { useQuery } from '@tanstack/react-query';
import { call } from '../call.ts';

/** The projects that are watched; a ticket may be of one that is not any more. */
export const useProjects = () => useQuery({ queryKey: ['projects'], queryFn: () => call('projects') });
