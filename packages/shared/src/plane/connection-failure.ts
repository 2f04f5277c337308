import { AppError, messageOf } from '../errors.ts';

/** Nothing of the request has left this machine. After anything else Plane may have done it. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The certificate is not trusted, belongs to another host, or is out of date; or it is no TLS at all. */
const isTls = (code: string): boolean =>
  /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO)/.test(code);

/** Why no answer came, in a line that names the setting to change. */
export function unreachable(operation: string, timedOutMs: number | undefined, err: unknown): AppError {
  const code = codeOf(err);
  const lostAnswer = !NOT_SENT.has(code) && !isTls(code);
  const details = { operation, lostAnswer, timedOut: timedOutMs !== undefined, why: whyNot(code, timedOutMs, err) };
  return new AppError('PLANE_UNREACHABLE', details, { cause: err });
}

function whyNot(code: string, timedOutMs: number | undefined, err: unknown): string {
  if (timedOutMs !== undefined)
    return `no answer within the time limit of ${timedOutMs / 1_000} s: is Plane overloaded, or plane.api_url not its address?`;
  if (isTls(code))
    return `no safe connection (${code}): give Node the authority of Plane's certificate with NODE_EXTRA_CA_CERTS, or correct plane.api_url`;
  if (NOT_SENT.has(code)) return `${code}: is Plane up, and is plane.api_url its address?`;
  return code ? `the connection was cut (${code})` : messageOf(err);
}

/** undici wraps what failed below it. */
function codeOf(err: unknown): string {
  if (!(err instanceof Error)) return '';
  if ('code' in err && err.code !== undefined) return String(err.code);
  return codeOf(err.cause);
}
