import { z } from 'zod';
import { TicketParams } from './common.ts';
import { defineRoute } from './route.ts';

export const CHANGE_KINDS = ['added', 'modified', 'deleted', 'renamed', 'copied', 'type_changed', 'unmerged'] as const;

const FileChange = z
  .object({
    path: z.string(),
    old_path: z.string().nullable().describe('Where it was, if it was renamed or copied'),
    status: z.enum(CHANGE_KINDS),
    additions: z.int().nullable().describe('Lines; null where nobody counts them'),
    deletions: z.int().nullable(),
    binary: z.boolean().describe('No text, or too large to be compared'),
    patch: z.string().nullable().describe('Unified, without secrets'),
    cut: z.string().nullable().describe('Why the patch is not whole or not there'),
  })
  .meta({ id: 'FileChange' });
export type FileChange = z.output<typeof FileChange>;

const Changes = z
  .object({
    files: z.array(FileChange),
    files_total: z.int(),
    additions: z.int(),
    deletions: z.int(),
    cut: z.string().nullable().describe('What is left out of the list or of the numbers'),
  })
  .meta({ id: 'Changes' });
export type Changes = z.output<typeof Changes>;

/** What the agents of a ticket changed, as its runner has it. */
export const BranchDiff = z
  .object({
    session_id: z.string(),
    branch: z.string().nullable().describe('null while none is checked out'),
    base: z.string().describe('Commit from which the branch began'),
    head: z.string(),
    committed: Changes.describe('From the base to the head'),
    is_shared: z
      .boolean()
      .default(false)
      .describe('Read from the repository itself, where others work too: the project has `worktree: false`'),
    uncommitted: Changes.nullable().describe('Against the head, new files included; null where the worktree is gone'),
  })
  .meta({ id: 'BranchDiff' });
export type BranchDiff = z.output<typeof BranchDiff>;

export const diffRoutes = {
  diff: defineRoute({
    method: 'GET',
    path: '/api/tickets/:ticketId/diff',
    role: 'viewer',
    tag: 'sessions',
    summary: "The diff of a ticket's branch against its base, and what is not committed",
    params: TicketParams,
    answers: { 200: BranchDiff },
    refusals: [500], // git fails on the repository
  }),
};
