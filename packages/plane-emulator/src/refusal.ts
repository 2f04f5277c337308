/** What a handler answers; a body of `undefined` means none at all. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error answer thrown from anywhere below a handler. Plane has five body shapes; each has its maker here. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`refused with ${status}`);
    this.answer = { status, body, headers };
  }
}

export const unauthenticated = () => new Refusal(401, { detail: 'Authentication credentials were not provided.' });
export const badKey = () => new Refusal(403, { detail: 'Given API token is not valid' });
export const forbidden = () => new Refusal(403, { detail: 'You do not have permission to perform this action.' });
export const notFound = () => new Refusal(404, { error: 'The requested resource does not exist.' });
export const noRoute = () => new Refusal(404, { error: 'Page not found.' });
export const badDetail = (detail: string) => new Refusal(400, { detail });
export const badField = (field: string, message: string) => new Refusal(400, { [field]: [message] });
export const badTogether = (message: string) => new Refusal(400, { non_field_errors: [message] });
export const integrity = () => new Refusal(400, { error: 'The payload is not valid' });
export const conflict = (error: string, id: string) => new Refusal(409, { error, id });
export const wrongMethod = (method: string) => new Refusal(405, { detail: `Method "${method}" not allowed.` });
export const serverError = () => new Refusal(500, { error: 'Something went wrong please try again later' });
export const throttled = (retryAfterSeconds: number) =>
  new Refusal(
    429,
    { error_code: 5900, error_message: 'RATE_LIMIT_EXCEEDED' },
    { 'retry-after': String(retryAfterSeconds) },
  );
export const tooLarge = () =>
  new Refusal(413, {
    error: 'REQUEST_BODY_TOO_LARGE',
    detail: 'The size of the request body exceeds the maximum allowed size.',
  });
