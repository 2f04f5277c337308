import type { ROUTES, Route } from '@pco/shared/contracts/http';
import type { z } from 'zod';
import { ADDRESSES, type Operation } from './addresses.ts';
import { declaredIn, isLoaded, nextTask } from './declared.ts';

type Answers<Name extends Operation> = (typeof ROUTES)[Name]['answers'];
export type Answer<Name extends Operation> = z.output<Answers<Name>[keyof Answers<Name> & number]>;

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
  /** For the first picture, and asked for again soon: it does not wait for declarations that are still to come. */
  readonly isFirst?: boolean;
}

const unreachable = (cause: unknown): never => {
  throw new CallError(0, 'The service cannot be reached.', { cause });
};

/**
 * Calls an operation, and holds its answer to the declaration. Only what is for the first picture does not wait for that.
 */
export async function call<const Name extends Operation>(name: Name, asked: Asked = {}): Promise<Answer<Name>> {
  const address = addressOf(name, asked);
  const { in: file, method } = ADDRESSES[name];
  // what changes something is not sent before its answer can be understood; who leaves cannot wait
  if (method !== 'GET' && !asked.keepalive) await declaredIn(file).catch(unreachable);
  const answer = await send(name, address, asked).catch(unreachable);
  const json: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new CallError(answer.status, reasonOf(json) ?? `The service answered ${answer.status}.`);
  if (asked.isFirst && !isLoaded(file)) return json as Answer<Name>; // of the service that has served this page a moment ago
  const declared: Readonly<Record<string, Route>> = await declaredIn(file).catch(unreachable);
  const schema = declared[name]?.answers[answer.status];
  if (!schema) throw new CallError(answer.status, `The service answered ${answer.status}.`);
  const read = schema.parse(json) as Answer<Name>; // by the schema of this status, which is one of them
  if (method === 'GET') await nextTask(); // to read an answer takes time, and so does to draw it: a press comes in between
  return read;
}

const send = (name: Operation, address: string, asked: Asked): Promise<Response> =>
  fetch(address, {
    method: ADDRESSES[name].method,
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

export function addressOf(name: Operation, { params = {}, query = {} }: Asked = {}): string {
  const { path } = ADDRESSES[name];
  const filled = path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(params[part] ?? ''));
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return given.length > 0 ? `${filled}?${new URLSearchParams(given)}` : filled;
}

/** Errors are `{detail}`: a sentence, or what is wrong with the request. */
function reasonOf(json: unknown): string | undefined {
  const detail = json !== null && typeof json === 'object' && 'detail' in json ? json.detail : undefined;
  if (!Array.isArray(detail)) return typeof detail === 'string' ? detail : undefined;
  return detail.map(({ msg }: { readonly msg?: unknown }) => String(msg)).join('; ');
}
