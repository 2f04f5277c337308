import { isCode, messageOf } from '@pco/shared/errors';
import { createPlaneClient, type Me, type PlaneProject, unlimitedBudget } from '@pco/shared/plane';
import { Refusal } from '../refusal.ts';

export interface PlaneLogin {
  readonly apiUrl: string;
  readonly token: string;
  readonly workspace: string;
}

/** Whether any web server answers there. @throws Refusal with what went wrong */
export async function checkReachable(apiUrl: string): Promise<void> {
  try {
    await fetch(apiUrl, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
  } catch (err) {
    const cause = err instanceof Error && err.cause instanceof Error ? err.cause : err;
    throw new Refusal(`no Plane answers at ${apiUrl}: ${messageOf(cause)}`);
  }
}

/** @throws Refusal that says whether the address or the token is wrong */
export const whoAmI = (login: Omit<PlaneLogin, 'workspace'>): Promise<Me> =>
  withPlane({ ...login, workspace: '-' }, 'the address or the token', (plane) => plane.me());

/** The projects that can be watched come first. @throws Refusal when the workspace is not there for this token */
export async function listProjects(login: PlaneLogin): Promise<PlaneProject[]> {
  const projects = await withPlane(login, `the workspace "${login.workspace}"`, (plane) => plane.listProjects());
  return projects.toSorted(
    (a, b) => Number(isUsable(b)) - Number(isUsable(a)) || a.identifier.localeCompare(b.identifier),
  );
}

export const isUsable = ({ isMember, archivedAt }: PlaneProject): boolean => isMember && archivedAt === null;

export function projectLine({ id, identifier, name, isMember, archivedAt }: PlaneProject): string {
  const why = archivedAt !== null ? '  (archived)' : isMember ? '' : '  (the token has not joined it)';
  return `${id}  ${identifier.padEnd(12)}  ${name}${why}`;
}

async function withPlane<Result>(
  { apiUrl, token, workspace }: PlaneLogin,
  what: string,
  use: (plane: ReturnType<typeof createPlaneClient>) => Promise<Result>,
): Promise<Result> {
  try {
    const options = { apiUrl, token, workspaceSlug: workspace, pathSegment: 'auto' as const, budget: unlimitedBudget };
    await using plane = createPlaneClient(options);
    return await use(plane);
  } catch (err) {
    if (isCode(err, 'PLANE_UNREACHABLE', 'PLANE_BAD_ANSWER', 'PLANE_REFUSED', 'PLANE_NOT_FOUND', 'PLANE_SERVER_ERROR'))
      throw new Refusal(`Plane does not answer as it should at ${apiUrl}; check ${what}: ${messageOf(err)}`);
    if (isCode(err, 'PLANE_UNAUTHORIZED', 'PLANE_RATE_LIMITED', 'CONFIG_INVALID'))
      throw new Refusal(`check ${what}: ${messageOf(err)}`);
    throw err;
  }
}
