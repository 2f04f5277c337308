import type { Status } from '../domain/index.ts';

/**
 * Every Redis key of ours, with its type, its life and who writes it. All ticket state carries one hash tag: it is
 * small, and one commit touches several of these keys. Queues have tags of their own (`queuePrefix`), so that they
 * spread over a Redis Cluster.
 */
export function createKeys(prefix: string) {
  const at = (name: string): string => `{${prefix}}:${name}`;
  return {
    /** hash version, status, record, body · until purged · commit.lua */
    ticket: (id: string) => at(`ticket:${id}`),
    /** hash work item uuid → ticket id · until purged · commit.lua */
    byWorkItem: at('by-work-item'),
    /** string version · expires · commit.lua */
    seen: (eventId: string) => at(`seen:${eventId}`),
    /** stream, the feed behind followers · bounded · commit.lua */
    events: at('events'),
    /** stream, history of one ticket · bounded, until purged · commit.lua */
    log: (id: string) => at(`log:${id}`),
    /** zset effect id by due time · commit.lua, sweep */
    outbox: at('outbox'),
    /** hash effect id → item · commit.lua */
    effects: at('effects'),
    /** string ms, Redis's time at the latest look at the outbox · for ever · take-due.lua */
    clock: at('clock'),
    /** hash of items nobody could read, or without an effect · for ever, a person looks · sweep */
    outboxBad: at('outbox-bad'),
    /** zset ticket id by time of the status · commit.lua */
    status: (status: Status) => at(`status:${status}`),
    /** string, highest version of a purged ticket · purge.lua */
    versionFloor: at('version-floor'),
    /** set of ticket ids · commit.lua; `name` comes from the domain and begins with `slots:` */
    slots: (name: string) => at(name),
    /** string, written to be waited for · for ever · all that commit, where there are replicas */
    kept: at('kept'),
    /** hash counter with its labels → number, of all services together · for ever · commit.lua, counter store */
    counters: at('counters'),
    /** hash minute of the day → JSON, how the installation was then · 24 hours · api */
    history: at('history'),
    /** string, random id of this installation · for ever · first service to start */
    installation: at('installation'),
    /** hash owner, token · expires · poller */
    lease: (name: string) => at(`lease:${name}`),
    /** string counter · for ever · poller */
    leaseToken: (name: string) => at(`lease-token:${name}`),
    /** zset project by begin ms of its last poll · for ever · take-due-polls.lua */
    polls: at('polls'),
    /** hash, a list of all work items in the making · until it is complete · save-cursor.lua */
    sweep: (projectId: string) => at(`project:${projectId}:sweep`),
    /** hash of the work items that it has listed · likewise · save-cursor.lua */
    swept: (projectId: string) => at(`project:${projectId}:swept`),
    /** set of work items that may be gone · until each was asked for · poller */
    doubts: (projectId: string) => at(`project:${projectId}:doubts`),
    /** zset event by time, what rules have approved today · two days · take-approval.lua */
    approvals: (scope: string) => at(`approvals:${scope}`),
    /** hash watermark, total, baseline, times of polls and sweeps · for ever · save-cursor.lua */
    cursor: (projectId: string) => at(`project:${projectId}:cursor`),
    /** hash work item → what the last poll saw of it · for ever · save-cursor.lua */
    snapshot: (projectId: string) => at(`project:${projectId}:seen`),
    /** set of watched project ids · for ever · poller */
    projects: at('projects'),
    /** hash last poll, failures, error, number of work items · for ever · poller */
    pollHealth: (projectId: string) => at(`project:${projectId}:health`),
    /** hash last delivery ms, polls in a row that found what no delivery had told · for ever · note-delivery.lua, judge-webhooks.lua */
    webhooks: at('webhooks'),
    /** zset work item by time of its last delivery · bounded by time · note-delivery.lua */
    webhooksHeard: at('webhooks:heard'),
    /** zset work item by the time since when a delivery is due · until judged · judge-webhooks.lua */
    webhooksOwed: at('webhooks:owed'),
    /** hash project → begin ms of its last complete poll · for ever · judge-webhooks.lua */
    webhooksPolled: at('webhooks:polled'),
    /** string, a delivery that was taken, by hash of its body · expires · note-delivery.lua */
    webhookSeen: (digest: string) => at(`webhook:${digest}`),
    /** string, a look at a work item began · expires · poller */
    looked: (workItem: string) => at(`looked:${workItem}`),
    /** string, id of the API token's user · for ever · poller */
    planeUser: at('plane-user'),
    /** set of comment ids known of a work item · 90 days after its last change · poller */
    comments: (workItem: string) => at(`comments:${workItem}`),
    /** string state id that we are about to set · expires · plane-writer */
    ownState: (workItem: string) => at(`own-state:${workItem}`),
    /** string, start of a write attempt · expires · plane-writer */
    writeBegun: (key: string) => at(`write-begun:${key}`),
    /** hash `all` or project id → why nothing is written · until Plane takes writes again · plane-writer */
    writeStops: at('write-stops'),
    /** string, somebody tries whether Plane takes writes again · expires · plane-writer */
    writeProbe: (scope: string) => at(`write-probe:${scope}`),
    /** string JSON, why an open effect waits · expires · who handles it */
    effectWait: (effectId: string) => at(`effect-wait:${effectId}`),
    /** string JSON heartbeat · expires · session-worker */
    runner: (id: string) => at(`runner:${id}`),
    /** hash runner id → last heartbeat ms · for ever · session-worker */
    runners: at('runners'),
    /** hash runner id → URL of its terminal service · for ever · beat-runner.lua */
    runnerTerminals: at('runner-terminals'),
    /** string JSON, what the bearer of a terminal ticket may do, by hash of it · 30 s or one use · api */
    terminalTicket: (hash: string) => at(`terminal-ticket:${hash}`),
    /** hash token id → name, role, hash, times · until deleted · api */
    tokens: at('tokens'),
    /** string JSON, a browser that is logged in, by hash of its cookie · expires · api */
    login: (digest: string) => at(`login:${digest}`),
    /** string JSON, a link that logs in once, by hash of its code · expires · api */
    loginLink: (digest: string) => at(`login-link:${digest}`),
    /** stream, who asked for which change from where · kept by age · api */
    audit: at('audit'),
    /** string, status with which such a request was answered · as long as the entry · api */
    auditOutcome: (entryId: string) => at(`audit-outcome:${entryId}`),
    /** zset, string, hash · one window · take-budget.lua, block-budget.lua; its own tag, one per API key */
    budget: (account: string, part: 'all' | 'blocked' | 'refused' | `class:${string}`) =>
      `{${prefix}:plane:${account}}:${part}`,
  };
}
export type Keys = ReturnType<typeof createKeys>;

/** BullMQ prefix of one queue. */
export const queuePrefix = (prefix: string, queue: string): string => `{${prefix}:${queue}}`;
