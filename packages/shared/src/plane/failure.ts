import { AppError } from '../errors.ts';

/** An answer of Plane with its body read: parsed when it is JSON, otherwise as text. */
export interface PlaneAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
}

const MAX_TEXT_CHARS = 300;
/** Plane's window is a minute, so this is the longest that a missing header can mean. */
const DEFAULT_RETRY_AFTER_SECONDS = 60;

const NEW_TOKEN = 'create a new one under Profile settings > Personal access tokens and set it as plane.api_token';
const CHECK_MEMBERSHIP =
  "the token's user may not do that: check plane.workspace_slug and plane.project_ids, and that this user is a member " +
  'of the project with the role Member or Admin';

/** What an answer that is not a success means to us. */
export function failureOf(operation: string, answer: PlaneAnswer): AppError {
  const { status } = answer;
  const said = { operation, status };
  if (status === 429) return new AppError('PLANE_RATE_LIMITED', { ...said, retryAfterMs: retryAfterMs(answer) });
  if (status >= 500) return new AppError('PLANE_SERVER_ERROR', { ...said, why: textOf(answer) });
  if (status === 401 || status === 403) return new AppError('PLANE_UNAUTHORIZED', { ...said, why: whyRefused(answer) });
  if (status === 404) return notFound(said, answer);
  if (status === 409) return new AppError('PLANE_CONFLICT', { ...said, why: textOf(answer) });
  if (status >= 300 && status < 400) {
    const why = `Plane redirects to ${answer.location ?? 'somewhere else'}: plane.api_url must be the final address`;
    return new AppError('PLANE_REFUSED', { ...said, why });
  }
  if (status < 300) return new AppError('PLANE_BAD_ANSWER', { ...said, why: 'unexpected status' });
  return new AppError('PLANE_REFUSED', { ...said, why: textOf(answer) });
}

/** The whole second that Plane names, and one more because it rounds down. */
export function retryAfterMs({ retryAfter }: PlaneAnswer): number {
  const seconds =
    retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : DEFAULT_RETRY_AFTER_SECONDS;
  return seconds * 1_000 + 1_000;
}

/** The path itself is unknown, in contrast to an object that is not there. */
export const isUnknownRoute = (answer: PlaneAnswer): boolean =>
  answer.status === 404 && field(answer.body, 'error') === 'Page not found.';

/**
 * "Gone" makes callers give up for good, so it takes Plane's own words: a 404 of some proxy while Plane restarts is
 * only an answer that we do not understand.
 */
function notFound(said: Record<string, unknown>, answer: PlaneAnswer): AppError {
  if (isUnknownRoute(answer)) {
    const why = 'Plane does not know that address: check plane.api_url (ends in /api/v1) and the ids';
    return new AppError('PLANE_REFUSED', { ...said, why });
  }
  if (typeof answer.body !== 'object' || answer.body === null) {
    return new AppError('PLANE_BAD_ANSWER', {
      ...said,
      why: `a 404 that does not come from Plane: ${whyNotJson(answer)}`,
    });
  }
  return new AppError('PLANE_NOT_FOUND', said);
}

function whyRefused(answer: PlaneAnswer): string {
  if (answer.status === 401) return 'no API token arrived at Plane: does a proxy remove the header X-Api-Key?';
  const detail = field(answer.body, 'detail');
  if (detail?.includes('token is not valid')) return `the API token is unknown, revoked or expired: ${NEW_TOKEN}`;
  if (detail?.includes('do not have permission')) return CHECK_MEMBERSHIP;
  if (typeof answer.body === 'string') return whyNotJson(answer);
  return textOf(answer);
}

/** What a body that is not JSON most likely means. */
export function whyNotJson({ body }: PlaneAnswer): string {
  const text = typeof body === 'string' ? body.trimStart() : '';
  if (text.startsWith('<'))
    return 'a web page instead of JSON: is plane.api_url the address of the API (it ends in /api/v1), with no login page before it?';
  if (text.startsWith('{') || text.startsWith('['))
    return 'JSON that ends in the middle: is something between us and plane.api_url cutting answers short?';
  return 'not JSON: is plane.api_url the address of the API?';
}

export const field = (body: unknown, name: string): string | undefined => {
  const value = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value : undefined;
};

function textOf({ body }: PlaneAnswer): string {
  // a web page of a proxy: what a person would read of it
  const plain = (page: string): string =>
    page
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const text = typeof body === 'string' ? plain(body) : (JSON.stringify(body) ?? '');
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}
