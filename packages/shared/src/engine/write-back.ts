import type { Config } from '../config/index.ts';
import type { Ticket } from '../domain/index.ts';
import { commentHtml } from '../plane/index.ts';
import { branchUrl } from './branch-url.ts';
import { projectSection } from './policies.ts';

/** What the project says, and otherwise what holds for all. */
export function writeBackSettings(config: Config, { workItem }: Ticket) {
  const project = projectSection(config, workItem);
  return {
    branch_url: project?.branch_url ?? config.automation.branch_url,
    completed_state: project?.completed_state ?? config.plane.completed_state,
  };
}

/** The comment of an update, as HTML. Who shows it beforehand and who writes it take it from here. */
export function updateComment(config: Config, ticket: Ticket, summary: string): string {
  const { result, attempt, session } = ticket;
  return commentHtml(summary, {
    ...result,
    attempt,
    branch: session?.branch,
    branchUrl: branchUrl(writeBackSettings(config, ticket).branch_url, ticket),
  });
}

/** Whether nobody has looked yet at what the session left: branch, commits and what they cost may still be added. */
export const isCollecting = ({ open, lanes }: Ticket): boolean =>
  [...Object.values(open), ...lanes.session].some(({ type }) => type === 'completion.collect');
