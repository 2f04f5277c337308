import { paginate, project } from '../listing.ts';
import { notFound } from '../refusal.ts';
import { renderProject, renderUser } from '../render.ts';
import { type Call, ok, type ProjectCall, projectRoute, type Route, userRoute, workspaceRoute } from '../route.ts';
import type { Project } from '../rows.ts';

export const PROJECT_ROUTES: readonly Route[] = [
  userRoute('/users/me/', { GET: (call) => ok(renderUser(call.user)) }),
  workspaceRoute('/projects/', { GET: list }),
  workspaceRoute('/projects/:project/', { GET: detail }),
  projectRoute('/members/', { GET: members }),
  projectRoute('/project-members/', { GET: members }),
];

/** Joined projects and public ones that were not joined, archived ones included. */
function list(call: Call) {
  const { world, query, user } = call;
  const projects = [...world.projects.values()].filter((p) => isListed(p, user.id));
  return ok(paginate(world, projects, query, (p) => renderProject(world, p, user.id)));
}

/** Membership of the workspace is enough to ask, so an unknown project is a 404 here and a 403 one level below. */
function detail(call: Call) {
  const { world, params, user, query } = call;
  const found = world.projects.get(params.project ?? '');
  if (!found || !isListed(found, user.id)) throw notFound();
  return ok(project(world, renderProject(world, found, user.id), query));
}

const isListed = (p: Project, userId: string): boolean => p.isPublic || p.members[userId] !== undefined;

/** A plain array, without roles. */
function members({ world, project: owner }: ProjectCall) {
  const users = Object.keys(owner.members).flatMap((id) => world.users.get(id) ?? []);
  return ok(users.map(renderUser));
}
