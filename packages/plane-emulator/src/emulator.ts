import { createWriteStream } from 'node:fs';
import { createFaults, type FaultSpec } from './control/faults.ts';
import { createHolds, type HeldRequest, type HoldSpec, type Release } from './control/holds.ts';
import { createHuman, type Human, type NewItem, type NewProject } from './control/human.ts';
import type { RequestCounts } from './control/request-counters.ts';
import { createRequestLog, type RequestEntry, type RequestFilter } from './control/request-log.ts';
import { controlRoutes } from './control/routes.ts';
import { dumpItem, dumpProjects, dumpState, type ItemDump, type ProjectDump } from './control/state-dump.ts';
import type { WebhookFaultSpec } from './control/webhook-faults.ts';
import { createJobs } from './jobs.ts';
import { addPage } from './page.ts';
import type { Webhook } from './rows.ts';
import { createServer } from './server.ts';
import { changeSettings, type Settings, type SettingsChange } from './settings.ts';
import { keepStateFile, loadStateFile } from './state-file.ts';
import { createThrottle } from './throttle.ts';
import { createWebhooks, type DeliveryAttempt, type NewWebhook, type Webhooks } from './webhooks.ts';
import { createWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;
export const DEFAULT_SLUG = 'demo';
export const DEFAULT_API_KEY = 'plane_api_demo_0123456789abcdef01234567';

export interface Seed {
  readonly projects?: readonly NewProject[] | undefined;
  readonly items?: readonly NewItem[] | undefined;
  readonly settings?: SettingsChange | undefined;
  readonly webhooks?: readonly NewWebhook[] | undefined;
}

export interface EmulatorOptions {
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port?: number | undefined;
  readonly slug?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly botName?: string | undefined;
  /** Display names of people; the first is who acts when a test does not say. */
  readonly humans?: readonly [string, ...string[]] | undefined;
  readonly settings?: SettingsChange | undefined;
  /** Only used when there is no state to go on from. */
  readonly seed?: Seed | undefined;
  /** Every request is appended as a line of JSON. */
  readonly logFile?: string | undefined;
  /** Whoever reaches it may act as a person: in a container, where nobody comes from loopback. */
  readonly openControl?: boolean | undefined;
  /** The world is kept here over restarts. */
  readonly stateFile?: string | undefined;
}

/** What a test can do to the emulator; the same over HTTP under `/__control`. */
export interface Control extends Human {
  /** Reads the knobs, or changes the given ones. */
  settings(change?: SettingsChange): Settings;
  requests(filter?: RequestFilter): RequestEntry[];
  countRequests(filter?: RequestFilter): number;
  clearRequests(): void;
  /** Most requests of one API key that began within any window of that length. */
  busiestWindow(windowMs: number): number;
  /** Exact counts by kind of request and by key, since the start or the last `clearRequests`. */
  requestCounts(windowMs?: number): RequestCounts;
  hold(spec: HoldSpec): string;
  holds(): { id: string; when: 'before' | 'after'; left: number; held: HeldRequest[] }[];
  waitHeld(id: string, timeoutMs?: number): Promise<HeldRequest | undefined>;
  release(id: string, release?: Release): number;
  removeHold(id: string, release?: Release): number;
  fault(spec: FaultSpec): string;
  faults(): unknown[];
  removeFault(id: string): void;
  clearFaults(): void;
  webhook(spec: NewWebhook): Webhook;
  webhooks(): Webhook[];
  removeWebhook(id: string): void;
  setWebhookActive(id: string, active: boolean): void;
  /** Every attempt to deliver, the newest last. */
  deliveries(): DeliveryAttempt[];
  webhookFault(spec: WebhookFaultSpec): string;
  webhookFaults(): unknown[];
  removeWebhookFault(id: string): void;
  clearWebhookFaults(): void;
  projects(): ProjectDump[];
  state(project?: string): ItemDump[];
  item(ref: string): ItemDump;
}

export interface PlaneEmulator extends Control, AsyncDisposable {
  readonly url: string;
  /** What a client is configured with. */
  readonly apiUrl: string;
  readonly slug: string;
  readonly apiKey: string;
  /** The user that the key belongs to, and the first human. */
  readonly botId: string;
  readonly humanId: string;
}

/** Starts a Plane of one workspace in memory. Disposing of it runs the waiting bumps and closes everything. */
export async function createPlaneEmulator(options: EmulatorOptions = {}): Promise<PlaneEmulator> {
  const { slug = DEFAULT_SLUG, apiKey = DEFAULT_API_KEY, humans = ['alice'], seed } = options;
  const world = createWorld(slug, { ...seed?.settings, ...options.settings });
  const restored = options.stateFile !== undefined && loadStateFile(world, options.stateFile);
  const botId = ensureUser(world, options.botName ?? 'orchestrator-bot');
  const [humanId = botId] = humans.map((name) => ensureUser(world, name));
  world.keys.set(apiKey, { key: apiKey, userId: botId, active: world.keys.get(apiKey)?.active ?? true });

  await using stack = new AsyncDisposableStack();
  if (options.stateFile) stack.use(keepStateFile(world, options.stateFile));
  const webhooks = createWebhooks(world);
  stack.defer(() => webhooks.close());
  const jobs = createJobs(world, webhooks);
  stack.defer(() => jobs.flush());
  const logStream = options.logFile ? createWriteStream(options.logFile, { flags: 'a' }) : undefined;
  if (logStream) stack.defer(() => new Promise<void>((resolve) => logStream.end(resolve)));
  const parts = {
    log: createRequestLog(world.settings, logStream),
    holds: createHolds(),
    faults: createFaults(),
    webhooks,
  };
  const human = createHuman({ world, jobs }, botId, humans[0]);
  if (!restored) plant(human, webhooks, seed);
  world.onChange();

  const control = createControl(world, human, parts);
  const app = createServer({ world, jobs, throttle: createThrottle(world.settings), lastAnswers: new Map(), ...parts });
  addPage(app);
  await app.register(controlRoutes(control, options.openControl ?? false), { prefix: '/__control' });
  stack.defer(() => app.close());
  stack.defer(() => parts.holds.close());
  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  const open = stack.move();
  return {
    ...control,
    ...{ url, apiUrl: `${url}/api/v1`, slug, apiKey, botId, humanId },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

interface Parts {
  readonly log: ReturnType<typeof createRequestLog>;
  readonly holds: ReturnType<typeof createHolds>;
  readonly faults: ReturnType<typeof createFaults>;
  readonly webhooks: Webhooks;
}

function createControl(world: World, human: Human, { log, holds, faults, webhooks }: Parts): Control {
  return {
    ...human,
    settings: (change) => changeSettings(world.settings, change),
    requests: (filter) => log.list(filter),
    countRequests: (filter) => log.list(filter).length,
    clearRequests: () => log.clear(),
    busiestWindow: (windowMs) => log.busiestWindow(windowMs),
    requestCounts: (windowMs = MINUTE_MS) => log.counts(windowMs),
    hold: (spec) => holds.add(spec),
    holds: () => holds.list(),
    waitHeld: (id, timeoutMs) => holds.waitHeld(id, timeoutMs),
    release: (id, release) => holds.release(id, release),
    removeHold: (id, release) => holds.remove(id, release),
    fault: (spec) => faults.add(spec),
    faults: () => faults.list(),
    removeFault: (id) => faults.remove(id),
    clearFaults: () => faults.clear(),
    webhook: (spec) => webhooks.add(spec),
    webhooks: () => webhooks.list(),
    removeWebhook: (id) => webhooks.remove(id),
    setWebhookActive: (id, active) => webhooks.setActive(id, active),
    deliveries: () => webhooks.attempts(),
    webhookFault: (spec) => webhooks.faults.add(spec),
    webhookFaults: () => webhooks.faults.list(),
    removeWebhookFault: (id) => webhooks.faults.remove(id),
    clearWebhookFaults: () => webhooks.faults.clear(),
    projects: () => dumpProjects(world),
    state: (project) => dumpState(world, project),
    item: (ref) => dumpItem(world, ref),
  };
}

function ensureUser(world: World, displayName: string): string {
  const known = [...world.users.values()].find((user) => user.displayName === displayName);
  if (known) return known.id;
  const id = crypto.randomUUID();
  world.users.set(id, { id, displayName, email: `${displayName}@example.org` });
  return id;
}

function plant(human: Human, webhooks: Webhooks, seed: Seed = {}): void {
  for (const webhook of seed.webhooks ?? []) webhooks.add(webhook);
  for (const project of seed.projects ?? []) human.createProject(project);
  for (const item of seed.items ?? []) human.createItem(item);
}
