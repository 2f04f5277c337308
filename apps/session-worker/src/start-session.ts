import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { sessionName, stageOf, type Ticket } from '@pco/shared/domain';
import { type EffectHandler, type EffectResult, projectSection, type Work } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { redactSecrets } from '@pco/shared/secrets';
import { pause, SECOND_MS } from '@pco/shared/time';
import { urlOf } from '@pco/shared/url-of';
import type { AgentName } from './agent/agent.ts';
import { agentNamed, chooseAgent, chooseMode } from './agent/choose-agent.ts';
import { endEarlier } from './end-session.ts';
import type { Host } from './host.ts';
import { hostTime } from './host-clock.ts';
import { readSurroundings, writePrompt } from './prepare-prompt.ts';
import { setUp } from './project-commands.ts';
import { renderResumption } from './prompt.ts';
import type { SessionFiles, SessionMeta } from './session-files.ts';
import { setAsideStale } from './signal-files.ts';
import { createMeter } from './usage/meter.ts';
import { useRepository, type Workspace } from './workspace.ts';

/**
 * Prepare → start → confirm. Repeating any part is safe: the worktree and the files are made again as they are, the
 * session is created under the effect's id, and the launcher itself never runs an agent twice.
 */
export const createStartSession =
  (host: Host): EffectHandler =>
  async (work) => {
    const files = host.files(sessionIdOf(work));
    const known = await files.readMeta();
    if (known && known.effectId !== work.effectId && files.hasStarted())
      throw new AppError('SESSION_CONFLICT', { why: `${known.sessionId} was started by ${known.effectId}` });
    const meta = files.hasStarted() && known ? known : await start(host, work, files);
    await confirm(host, work, files, meta);
    work.log.info({ event: 'session.started', sessionId: meta.sessionId, branch: meta.branch }, 'session started');
    return { branch: meta.branch, worktree: meta.worktree } satisfies EffectResult;
  };

const sessionIdOf = ({ effect }: Work): string => {
  if (!effect.args.sessionId) throw new AppError('PAYLOAD_INVALID', { why: 'the effect names no session' });
  return effect.args.sessionId;
};

async function start(host: Host, work: Work, files: SessionFiles): Promise<SessionMeta> {
  const { config, core, paths, sessions } = host;
  const { ticket, effectId, signal } = work;
  const sessionId = sessionIdOf(work);
  const project = projectSection(config, ticket.workItem);
  const repo = project?.repo_path ?? config.automation.repo_path;
  if (!repo)
    throw new AppError('REPOSITORY_MISSING', {
      why: `set automation.repo_path or projects.${ticket.workItem.project}.repo_path`,
    });
  await endEarlier(host, ticket, signal);
  const [workspace, surroundings, body] = await Promise.all([
    prepare(host, work, repo),
    readSurroundings(host, ticket, signal),
    core.store.bodyOf(ticket.id),
  ]);
  await setUp(host, ticket, sessionId, workspace.path, signal);
  const agent = chooseAgent(config, project);
  const mode = chooseMode(config, project, stageOf(core.policyOf(ticket.workItem).workflow, ticket.stage));
  const earlier = ticket.resume ? await lastConversation(host, ticket, agent.name) : undefined;
  const conversation = earlier?.conversation;
  if (conversation) await files.write('prompt.md', renderResumption(ticket));
  else await writePrompt(host, ticket, files, body ?? '', surroundings);
  const argv = await agent.launch({
    config,
    project,
    mode,
    files,
    ticket,
    conversation,
    node: process.execPath,
    hookUrl: `${host.url}/hooks/${sessionId}`,
    hookCommand: `'${process.execPath}' '${join(paths.scripts, 'agent-hook.mjs')}'`,
  });
  // a job that was taken over while its worker was at it is done twice: what the other has begun may be complete by now
  const begun = await files.readMeta();
  if (begun?.effectId === effectId && files.hasStarted()) return begun;
  await setAsideStale(host, ticket.id, sessionId);
  const { path: worktree, branch, base } = workspace;
  const place = { repo, worktree, branch, base };
  const how = { agent: agent.name, mode, ...(earlier?.before ? { before: earlier.before } : {}) };
  const { at: createdAt, uptimeMs } = hostTime();
  const meta: SessionMeta = { ticketId: ticket.id, sessionId, effectId, ...place, ...how, createdAt, uptimeMs };
  await files.writeMeta(meta);
  if (!(await work.stillOpen())) throw new AppError('TICKET_BUSY', { why: 'the start was taken back' });
  await sessions.create(sessionId, {
    projectId: config.automation.project_id,
    effect: effectId,
    cwd: workspace.path,
    command: [join(paths.scripts, 'claude-ticket-worker'), ticket.id, '--', ...argv],
    env: await agentEnvironment(host, files, meta),
  });
  return meta;
}

/** A worktree of the ticket's own, or the repository itself. */
function prepare(host: Host, { ticket, signal }: Work, repo: string): Promise<Workspace> {
  const { config, paths } = host;
  const project = projectSection(config, ticket.workItem);
  if (!(project?.worktree ?? config.automation.worktree)) return useRepository(repo, signal);
  const prefix = project?.branch_prefix ?? config.automation.branch_prefix;
  return host.prepareWorkspace({
    repo,
    baseBranch: project?.base_branch ?? config.automation.base_branch,
    branch: `${prefix}/${ticket.id}`,
    path: join(paths.worktrees, ticket.id),
    // an earlier attempt may have been made on another host
    fetches: ticket.sessionSeq > 1,
    signal,
  });
}

/** The conversation of the ticket's latest earlier session on this host, if this agent still has it. */
async function lastConversation({ config, files }: Host, { id, sessionSeq }: Ticket, agent: AgentName) {
  for (let sequence = sessionSeq - 1; sequence >= 1; sequence -= 1) {
    const earlier = files(sessionName(config.automation.session_prefix, id, sequence));
    const meta = await earlier.readMeta();
    const conversation = meta?.agent === agent ? agentNamed(agent).conversation(earlier.dir) : undefined;
    if (conversation !== undefined) return { conversation, before: createMeter(agentNamed(agent), earlier.dir).read() };
  }
  return undefined;
}

/** What an agent gets to see of our environment, and what our scripts need to know. */
async function agentEnvironment(host: Host, files: SessionFiles, { sessionId, ticketId, mode }: SessionMeta) {
  const { config, env, paths } = host;
  const passed = config.automation.agent_env.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    ...(Object.fromEntries(passed) as Record<string, string>), // undefined values were left out
    PCO_TICKET: ticketId,
    PCO_SESSION_ID: sessionId,
    PCO_SESSION_DIR: files.dir,
    PCO_SESSION_TOKEN: await files.token(),
    PCO_SPOOL_DIR: paths.spool,
    PCO_API_URL: urlOf(config.api),
    // what runs beside a headless agent then takes 70 MB instead of 100
    ...(mode === 'headless' ? { NODE_COMPILE_CACHE: join(config.data_dir, 'compile-cache') } : {}),
    // tmux takes no PATH from outside, so the launcher sets it
    PCO_AGENT_PATH: [paths.scripts, env.PATH ?? '/usr/bin:/bin'].join(delimiter),
  };
}

const LOOK_MS = 50;

/**
 * Waits for the agent's own word that it took the prompt.
 *
 * @throws AppError with what is on the screen: AGENT_NOT_READY, a later try goes on waiting; AGENT_ENDED, none can help
 */
async function confirm(host: Host, { signal }: Work, files: SessionFiles, meta: SessionMeta): Promise<void> {
  const agent = agentNamed(meta.agent);
  const isReady = () => agent.hasTakenPrompt(files);
  const deadline = performance.now() + host.config.automation.accept_timeout * SECOND_MS;
  while (!isReady()) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw await failure('AGENT_NOT_READY', host, files);
    if ((await hasEnded(files)) && !isReady()) throw await failure('AGENT_ENDED', host, files);
    await pause(LOOK_MS, signal);
  }
}

/** The launcher writes the exit code only after it has asked a person for a summary, which takes minutes. */
const hasEnded = async (files: SessionFiles): Promise<boolean> =>
  (await files.exitCode()) !== null || existsSync(join(files.dir, 'asks'));

async function failure(code: 'AGENT_NOT_READY' | 'AGENT_ENDED', host: Host, files: SessionFiles): Promise<AppError> {
  const meta = await files.readMeta();
  const screen = await host.sessions.screen(meta?.sessionId ?? '').catch(() => '(its session has ended)');
  const exitCode = await files.exitCode();
  const ended = exitCode === null ? '' : `it ended with exit code ${exitCode}; `;
  const last = redactSecrets(screen.trimEnd().split('\n').slice(-25).join('\n')); // it goes to the ticket and to logs
  return new AppError(code, { why: `${ended}its screen shows:\n${last}` });
}
