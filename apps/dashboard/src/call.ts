import { ErrorBody, type Route } from '@pco/shared/contracts/http/route';
import type { z } from 'zod';
import type {} from './early.ts';

export type Answer<Declared extends Route> = z.output<Declared['answers'][keyof Declared['answers'] & number]>;

/** What the api, or the way to it, says instead of an answer. */
export class CallError extends Error {
  /** 0: nothing answered. */
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface Asked {
  /** Parts of the path, by their names in the declaration. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** A form goes as it is, anything else as JSON. */
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Sent even if the page is left at this moment. */
  readonly keepalive?: boolean;
}

/** Calls an operation as it is declared, and holds its answer to the declaration. */
export async function call<const Declared extends Route>(
  route: Declared,
  asked: Asked = {},
): Promise<Answer<Declared>> {
  const address = addressOf(route, asked);
  const answer = await ((route.method === 'GET' && window.early?.take(address)) || send(route, address, asked)).catch(
    (cause: unknown) => {
      throw new CallError(0, 'The service cannot be reached.', { cause });
    },
  );
  const json: unknown = await answer.json().catch(() => null);
  const schema = route.answers[answer.status];
  if (schema) return schema.parse(json) as Answer<Declared>; // by the schema of this status, which is one of them
  throw new CallError(answer.status, reasonOf(json) ?? `The service answered ${answer.status}.`);
}

const send = ({ method }: Route, address: string, asked: Asked): Promise<Response> =>
  fetch(address, {
    method,
    ...(asked.signal ? { signal: asked.signal } : {}),
    keepalive: asked.keepalive ?? false,
    ...bodyOf(asked),
  });

const bodyOf = ({ body }: Asked): RequestInit =>
  body instanceof FormData
    ? { body }
    : body
      ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : {};

export function addressOf({ path }: Route, { params = {}, query = {} }: Asked): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return given.length > 0 ? `${filled}?${new URLSearchParams(given)}` : filled;
}

function reasonOf(json: unknown): string | undefined {
  const { data } = ErrorBody.safeParse(json);
  if (!data) return undefined;
  return typeof data.detail === 'string' ? data.detail : data.detail.map(({ msg }) => msg).join('; ');
}
