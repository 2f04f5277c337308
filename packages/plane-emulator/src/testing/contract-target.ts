import { setTimeout as sleep } from 'node:timers/promises';
import { createPlaneEmulator } from '../index.ts';

/** A server that the contract battery asks: the emulator, or a real Plane when the PLANE_CONTRACT_ variables are set. */
export interface Target extends AsyncDisposable {
  readonly apiUrl: string;
  readonly token: string;
  readonly slug: string;
  readonly projectId: string;
  /** Path of the project below the URL of the API. */
  readonly projectPath: string;
  /** Waits until one more request is within the rate limit. */
  pace(): Promise<void>;
  /** A request as it is, where the client would already be too clever. */
  raw(method: string, path: string, body?: unknown, options?: RawOptions): Promise<Raw>;
  /** Makes an item that is deleted at the end. */
  newItem(fields?: Record<string, unknown>): Promise<string>;
  /** Has whatever stands at this path deleted at the end. */
  remember(path: string): void;
}

export interface RawOptions {
  /** Null sends none. */
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  /** Sent instead of JSON. */
  readonly text?: string;
}

export interface Raw {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly location: string | null;
}

const { PLANE_CONTRACT_URL, PLANE_CONTRACT_TOKEN, PLANE_CONTRACT_WORKSPACE, PLANE_CONTRACT_PROJECT } = process.env;
const real =
  PLANE_CONTRACT_URL && PLANE_CONTRACT_TOKEN && PLANE_CONTRACT_WORKSPACE && PLANE_CONTRACT_PROJECT
    ? {
        apiUrl: PLANE_CONTRACT_URL.replace(/\/$/, ''),
        token: PLANE_CONTRACT_TOKEN,
        slug: PLANE_CONTRACT_WORKSPACE,
        projectId: PLANE_CONTRACT_PROJECT,
      }
    : undefined;

export const TARGETS: readonly { name: string; open: () => Promise<Target> }[] = [
  { name: 'the emulator', open: openEmulator },
  ...(real ? [{ name: 'the real Plane', open: async () => createTarget(real, PACE_MS) }] : []),
];

/** Below Plane's 60 requests a minute. */
const PACE_MS = 1_250;
/** How long a worker may take until its bump, its activity is there. */
export const SETTLED = { timeout: real ? 120_000 : 5_000, interval: 20 };
/** With the pauses between requests a test takes minutes at a real Plane. */
export const TIMEOUTS = real ? { testTimeout: 900_000, hookTimeout: 900_000 } : {};

async function openEmulator(): Promise<Target> {
  const plane = await createPlaneEmulator();
  const { id: projectId } = plane.createProject({ identifier: 'ACME', name: 'Acme' });
  const { apiUrl, slug, apiKey: token } = plane;
  return createTarget({ apiUrl, slug, token, projectId }, 0, plane);
}

type Place = Pick<Target, 'apiUrl' | 'token' | 'slug' | 'projectId'>;

function createTarget(place: Place, paceMs: number, server?: AsyncDisposable): Target {
  const projectPath = `/workspaces/${place.slug}/projects/${place.projectId}`;
  const made: string[] = [];
  let nextMs = 0;
  const target: Target = {
    ...place,
    projectPath,
    async pace() {
      const waitMs = nextMs - performance.now();
      nextMs = Math.max(nextMs, performance.now()) + paceMs;
      if (waitMs > 0) await sleep(waitMs);
    },
    async raw(method, path, body, options = {}) {
      for (;;) {
        await target.pace();
        const answer = await send(place, method, path, body, options);
        if (answer.status !== 429) return answer;
        await sleep((answer.retryAfter + 1) * 1_000);
      }
    },
    async newItem(fields = {}) {
      const { status, body } = await target.raw('POST', `${projectPath}/work-items/`, { name: 'contract', ...fields });
      if (status !== 201) throw new Error(`an item could not be made: ${status} ${JSON.stringify(body)}`);
      made.push(`${projectPath}/work-items/${body.id}/`);
      return String(body.id);
    },
    remember: (path) => void made.push(path),
    async [Symbol.asyncDispose]() {
      // Backwards: a state can only go after its items. What a test deleted itself answers 404.
      for (const path of made.reverse()) await target.raw('DELETE', path);
      await server?.[Symbol.asyncDispose]();
    },
  };
  return target;
}

async function send(place: Place, method: string, path: string, body: unknown, options: RawOptions) {
  const { key = place.token, headers = {}, text = body === undefined ? undefined : JSON.stringify(body) } = options;
  const response = await fetch(place.apiUrl + path, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'x-api-key': key }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  return {
    status: response.status,
    body: readJson(answer),
    location: response.headers.get('location'),
    retryAfter: Number(response.headers.get('retry-after') ?? 1),
  };
}

/** A proxy in front of a real Plane may answer in HTML. */
function readJson(text: string): Record<string, unknown> {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return { notJson: text };
  }
}
