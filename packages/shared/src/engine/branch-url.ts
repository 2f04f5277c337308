import type { Ticket } from '../domain/index.ts';

/**
 * Where people see the ticket's branch; `undefined` when the project does not say where, or when a part of the work is
 * not pushed yet, so that they would find less than the comment tells of.
 *
 * @param template an address with `{branch}` in it
 */
export function branchUrl(template: string | undefined, { session, result }: Ticket): string | undefined {
  if (template === undefined || session?.branch === undefined) return undefined;
  if (!result?.commits || result.unpushed !== 0) return undefined;
  const branch = session.branch.split('/').map(encodeURIComponent).join('/');
  return template.replaceAll('{branch}', () => branch);
}
