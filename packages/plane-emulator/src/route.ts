import { type Deps, MEMBER } from './actions.ts';
import type { Body } from './body.ts';
import { type Answer, forbidden, wrongMethod } from './refusal.ts';
import type { Project, User } from './rows.ts';

/** What is known of a request before its permission is checked. */
export interface Context extends Deps {
  readonly user: User;
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Lets a POST with a known external id through, as two parallel requests can do at the real server. */
  readonly skipDuplicateCheck: boolean;
}

export interface Call extends Context {
  readonly body: Body;
}

export interface ProjectCall extends Call {
  readonly project: Project;
  readonly role: number;
}

type Methods<C> = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', (call: C) => Answer>>>;

export interface Route {
  match(path: string): Record<string, string> | undefined;
  /** Checks the permission; the function it gives then finds the method, reads the body and answers. */
  permit(context: Context): (readBody: () => Body) => Answer;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const SHAPES: Readonly<Record<string, string>> = { slug: '[-a-zA-Z0-9_]+', identifier: '[^/]+', sequence: '[^/-]+' };

/** `:name` stands for a UUID (or what SHAPES says), `{items}` for both spellings of work items. */
function compile(path: string): (url: string) => Record<string, string> | undefined {
  const source = path
    .replaceAll(/:(\w+)/g, (_, name: string) => `(?<${name}>${SHAPES[name] ?? UUID})`)
    .replace('{items}', '(?:work-items|issues)');
  const pattern = new RegExp(`^/api/v1${source}$`);
  return (url) => {
    const match = pattern.exec(url);
    return match ? { ...match.groups } : undefined;
  };
}

/** Needs a key and nothing else. */
export const userRoute = (path: string, methods: Methods<Call>): Route => ({
  match: compile(path),
  permit: (context) => (readBody) => run(methods, context.method, () => ({ ...context, body: readBody() })),
});

export const workspaceRoute = (path: string, methods: Methods<Call>): Route => ({
  match: compile(`/workspaces/:slug${path}`),
  permit(context) {
    if (context.params.slug !== context.world.slug) throw forbidden();
    return (readBody) => run(methods, context.method, () => ({ ...context, body: readBody() }));
  },
});

/** Members read, roles from 15 on write; `anyRole` lets guests write too, as for comments. */
export const projectRoute = (path: string, methods: Methods<ProjectCall>, anyRole = false): Route => ({
  match: compile(`/workspaces/:slug/projects/:project${path}`),
  permit(context) {
    const { world, user, params, method } = context;
    const project = world.projects.get(params.project ?? '');
    const role = project?.members[user.id];
    if (params.slug !== world.slug || !project || role === undefined) throw forbidden();
    if (method !== 'GET' && !anyRole && role < MEMBER) throw forbidden();
    return (readBody) => run(methods, method, () => ({ ...context, project, role, body: readBody() }));
  },
});

function run<C>(methods: Methods<C>, method: string, call: () => C): Answer {
  // The method comes from the wire; anything but the four names has no handler.
  const handler = methods[method as keyof Methods<C>];
  if (!handler) throw wrongMethod(method);
  return handler(call());
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const gone: Answer = { status: 204 };
