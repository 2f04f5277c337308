import { ErrorBody, ROUTES, type Route, type RouteName } from '@pco/shared/contracts/http';
import { SECOND_MS } from '@pco/shared/time';
import { z } from 'zod';
import { CliFailure, EXIT, exitOf, usage } from './failure.ts';
import type { Settings } from './settings.ts';

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** How long the api may take over it by itself. */
  readonly patienceMs?: number;
}

type Declared<Name extends RouteName> = (typeof ROUTES)[Name]['answers'];
/** What the api may answer when it does not refuse. */
export type AnswerTo<Name extends RouteName> = Declared<Name>[keyof Declared<Name>] extends infer Schema
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : never
  : never;

const ANSWER_MS = 30 * SECOND_MS;

export interface Client {
  readonly settings: Settings;
  /** @throws CliFailure whatever hinders it */
  call<Name extends RouteName>(name: Name, request?: Request): Promise<AnswerTo<Name>>;
  /** The answer as it comes, for what does not end. */
  open(name: RouteName, request?: Request, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/** Asks the api by the contract that it serves: what we send and what it answers are both held to it. */
export function createClient(settings: Settings): Client {
  const open: Client['open'] = async (name, request = {}, headers = {}) => {
    const route: Route = ROUTES[name];
    const { body } = request;
    const address = settings.url + pathOf(route, request) + queryOf(route, request);
    if (body !== undefined) held(route.body, body);
    const answer = await ask(settings, address, {
      method: route.method,
      redirect: 'manual', // a token goes nowhere else
      headers: {
        ...(settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
    if (!(answer.status in route.answers)) throw await refusalOf(answer, settings);
    return answer;
  };
  return {
    settings,
    open,
    async call<Name extends RouteName>(name: Name, request: Request = {}) {
      const signal = AbortSignal.timeout(ANSWER_MS + (request.patienceMs ?? 0));
      const answer = await open(name, { ...request, signal });
      const route: Route = ROUTES[name];
      const text = await answer.text().catch(() => undefined);
      const parsed = route.answers[answer.status]?.safeParse(text === undefined ? undefined : parseJson(text));
      if (!parsed?.success)
        throw new CliFailure(
          EXIT.failed,
          `${settings.url} gave an answer that this pco does not understand (${z.prettifyError(parsed?.error ?? new z.ZodError([])).split('\n')[0]}); are both of the same version?`,
        );
      return parsed.data as AnswerTo<Name>; // parsed by the very schema that the type is of
    },
  };
}

function pathOf({ path, params }: Route, { params: given = {} }: Request): string {
  held(params, given);
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));
}

function queryOf({ query }: Route, { query: given = {} }: Request): string {
  const kept = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  if (kept.length === 0) return '';
  held(query, Object.fromEntries(kept));
  const pairs = kept.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
  return `?${new URLSearchParams(pairs)}`;
}

/** @throws CliFailure when it is not what the api takes */
function held(schema: z.ZodType | undefined, given: unknown): void {
  const error = schema?.safeParse(given).error;
  if (!error) return;
  throw usage(
    error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('\n'),
  );
}

async function ask({ url }: Settings, address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (err) {
    throw new CliFailure(
      EXIT.unreachable,
      `no api answers at ${url} (${reasonOf(err)}).\nIs it running there? \`npm start\` prints its address; say it with --url or PCO_API_URL.`,
    );
  }
}

function reasonOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err);
  if (err.name === 'TimeoutError') return 'it took too long';
  const { cause } = err;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name is not known';
  if (code?.includes('CERT') || code?.includes('SIGNED'))
    return `${code}: its certificate is not trusted; name its authority in NODE_EXTRA_CA_CERTS`;
  return code ?? (cause instanceof Error ? cause.message : err.message);
}

/** What the api says, and what to do about it. */
async function refusalOf(answer: Response, { url, token }: Settings): Promise<CliFailure> {
  const { status } = answer;
  const body = ErrorBody.safeParse(parseJson(await answer.text().catch(() => ''))).data;
  if (!body)
    return new CliFailure(exitOf(status), `${url} answered ${status}, and not as our api does; is that its address?`);
  const { detail, code } = body;
  const said =
    typeof detail === 'string' ? detail : detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('\n');
  return new CliFailure(exitOf(status), [said, ...advice(status, token)].join('\n'), code);
}

function advice(status: number, token: string | undefined): string[] {
  if (status === 401 && token === undefined)
    return ['Give a token: PCO_API_TOKEN, --token-file FILE, or token_file in ~/.config/pco/cli.yaml.'];
  if (status === 401)
    return ['The token that was given is unknown, revoked or expired; an admin makes one with `pco tokens create`.'];
  if (status === 403) return ['`pco whoami` shows the role of your token.'];
  return [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
