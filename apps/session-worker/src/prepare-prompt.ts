import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionName, type Ticket } from '@pco/shared/domain';
import { projectSection } from '@pco/shared/engine';
import { messageOf } from '@pco/shared/errors';
import { htmlToMarkdown, type PlaneLink } from '@pco/shared/plane';
import { pause, SECOND_MS } from '@pco/shared/time';
import type { Host } from './host.ts';
import { renderPrompt } from './prompt.ts';
import type { SessionFiles } from './session-files.ts';

/** What stands around a work item makes a prompt better, and a start must not wait for a Plane that is slow or away. */
const WAIT_MS = 1.5 * SECOND_MS;

export interface Surroundings {
  /** As Markdown, oldest first. */
  readonly comments: readonly string[];
  readonly links: readonly PlaneLink[];
}

/** What people put beside the work item; nothing that Plane does not say at once. */
export async function readSurroundings(
  host: Host,
  { workItem, trigger }: Ticket,
  signal: AbortSignal,
): Promise<Surroundings> {
  if (trigger.type === 'manual_test') return { comments: [], links: [] }; // made by hand: Plane does not know it
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  const late = pause(WAIT_MS, signal).then(() => []);
  const inTime = <Found>(found: Promise<readonly Found[]>): Promise<readonly Found[]> =>
    Promise.race([found.catch((err: unknown) => nothing(host, err)), late]);
  const [comments, links] = await Promise.all([
    inTime(host.comments(workItem, both)),
    inTime(host.links(workItem, both)),
  ]);
  enough.abort();
  return { comments: comments.map(htmlToMarkdown).filter((text) => text !== ''), links };
}

function nothing({ log }: Host, err: unknown): [] {
  log.debug({ err: messageOf(err) }, 'comments or links cannot be read for the prompt');
  return [];
}

/** Writes prompt.md, and description.md when the prompt holds only a part of it. */
export async function writePrompt(
  host: Host,
  ticket: Ticket,
  files: SessionFiles,
  body: string,
  { comments, links }: Surroundings,
): Promise<void> {
  const { config, log } = host;
  const project = projectSection(config, ticket.workItem);
  const path = project?.prompt_template ?? config.automation.prompt_template;
  const prompt = renderPrompt({
    ticket,
    description: htmlToMarkdown(body),
    descriptionFile: join(files.dir, 'description.md'),
    comments,
    links,
    history: await history(host, ticket),
    worktree: project?.worktree ?? config.automation.worktree,
    template: path === undefined ? undefined : readTemplate(host, path),
  });
  if (prompt.fault)
    log.warn(
      { event: 'session.template-bad', file: path, why: prompt.fault },
      'prompt template not usable, built-in used',
    );
  await files.write('prompt.md', prompt.text);
  if (prompt.overflow !== undefined) await files.write('description.md', prompt.overflow);
}

function readTemplate({ log }: Host, path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (err) {
    log.warn(
      { event: 'session.template-bad', file: path, why: messageOf(err) },
      'prompt template not usable, built-in used',
    );
    return undefined;
  }
}

/** How the earlier sessions of the ticket ended on this host. */
async function history({ config, files }: Host, { id, sessionSeq }: Ticket): Promise<string> {
  const lines: string[] = [];
  for (let sequence = Math.max(1, sessionSeq - 5); sequence < sessionSeq; sequence += 1) {
    const name = sessionName(config.automation.session_prefix, id, sequence);
    const earlier = files(name);
    if (!(await earlier.readMeta())) continue;
    const code = await earlier.exitCode();
    lines.push(
      `- session ${name} ${code === null ? 'was ended before its agent had ended' : `ended with exit code ${code}`}`,
    );
  }
  return lines.join('\n');
}
