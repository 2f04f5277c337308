import { z } from 'zod';
import { ROLES, type RouteRole } from './roles.ts';

export { mayUse, ROLES, type RouteRole } from './roles.ts';
export const Role = z.enum(ROLES);
export type Role = z.output<typeof Role>;

export const TAGS = ['tickets', 'decisions', 'sessions', 'plane', 'operations', 'access'] as const;

/**
 * One operation over HTTP, as data: what it is for, who may use it, what it takes and what it answers. The api serves
 * it, the OpenAPI document and the table of roles are made from it, and a browser imports it.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parameters as `:name`. */
  readonly path: string;
  readonly role: RouteRole;
  readonly tag: (typeof TAGS)[number];
  /** One line for people. */
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodType;
  /** Without one no query is taken; unknown keys are always refused. */
  readonly query?: z.ZodType;
  /** Without one nothing but an empty object is taken. */
  readonly body?: z.ZodType;
  /** Answers that are no errors, by status. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** Statuses of errors beside those that every operation may answer with. */
  readonly refusals?: readonly number[];
  /** Of the body, if that is not JSON. */
  readonly takes?: string;
  /** Of the answers, if that is not JSON. */
  readonly media?: string;
  readonly bodyLimitBytes?: number;
  /** It changes nothing although its method says so: a question with a body. No entry in the audit log. */
  readonly asksOnly?: true;
  /** Another proof than a role that lets a caller in: the token of the ticket's own session, a signed body, a ticket for one terminal. */
  readonly proof?: 'session-token' | 'signature' | 'terminal-ticket';
}

export const defineRoute = <const Declared extends Route>(route: Declared): Declared => route;

const ISSUE = z.object({ loc: z.array(z.string()), msg: z.string() });

/** Every error answer: what is wrong, for people, and a code of docs/runbook.md, or of a ticket's reason, that does not change. */
export const ErrorBody = z
  .object({
    detail: z.union([z.string(), z.array(ISSUE)]).describe('A sentence; for a request that is not valid, its faults'),
    code: z.string().describe('Stable; see docs/runbook.md, and docs/glossary.md for the reason of a ticket'),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.output<typeof ErrorBody>;

/** Refused by what stands before every operation: its checks, limits, and Redis that does not answer. */
const EVERYWHERE = [400, 403, 422, 429, 503];
const GUARDED = [401];
const WITH_BODY = [413, 415];
const WITH_PARAMS = [404, 414];

/** Every status of an error that a route may answer with. */
export function refusalsOf({ method, role, params, refusals = [] }: Route): number[] {
  const all = [
    ...EVERYWHERE,
    ...(role === 'open' ? [] : GUARDED),
    ...(method === 'GET' ? [] : WITH_BODY),
    ...(params ? WITH_PARAMS : []),
    ...refusals,
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}

type Parsed<Schema, Absent> = Schema extends z.ZodType ? z.output<Schema> : Absent;
/** What a handler of the route is given, after it was checked. */
export type ParamsOf<Declared extends Route> = Parsed<Declared['params'], unknown>;
export type QueryOf<Declared extends Route> = Parsed<Declared['query'], unknown>;
export type BodyOf<Declared extends Route> = Parsed<Declared['body'], unknown>;
/** The bodies that it may answer with. */
export type AnswerOf<Declared extends Route> = z.input<Declared['answers'][keyof Declared['answers'] & number]>;
