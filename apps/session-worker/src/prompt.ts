import { cleanText, type Ticket } from '@pco/shared/domain';
import { BUILT_IN } from './prompt-built-in.ts';
import { renderTemplate } from './prompt-template.ts';

/** One argument of a program may have 128 KiB on Linux; the rest of a longer description stands in a file. */
const PROMPT_MAX_BYTES = 96 * 1024;
/** Comments are the latest word, so their end is kept. */
const COMMENTS_MAX_CHARS = 8_000;

const LINKS_MAX_CHARS = 4_000;

const DESCRIPTION = /\{\{-?\s*\.Description\s*-?\}\}/g;

export interface Prompt {
  readonly text: string;
  /** The whole description when the prompt holds only its beginning. */
  readonly overflow: string | undefined;
  /** What is wrong with the project's own template, for which the built-in one was used. */
  readonly fault: string | undefined;
}

export interface PromptOptions {
  readonly ticket: Ticket;
  readonly description: string;
  /** Where the whole description will stand if it does not fit. */
  readonly descriptionFile: string;
  /** What people said about the work item, oldest first. */
  readonly comments?: readonly string[];
  /** Addresses that people put beside the work item. */
  readonly links?: readonly { readonly url: string; readonly title: string }[];
  /** Earlier sessions and what came of them. */
  readonly history?: string;
  /** Whether the agent has a worktree of its own. */
  readonly worktree?: boolean;
  /** The project's own template. */
  readonly template?: string | undefined;
}

/**
 * What the agent is told. Ticket text is somebody else's: it is set off as such, control characters are dropped,
 * and it never chooses a command. A template with a fault must not stop a start: the built-in one takes its place.
 */
export function renderPrompt(options: PromptOptions): Prompt {
  if (options.template === undefined) return { ...fit(options, BUILT_IN), fault: undefined };
  try {
    return { ...fit(options, options.template), fault: undefined };
  } catch (err) {
    return { ...fit(options, BUILT_IN), fault: err instanceof Error ? err.message : String(err) };
  }
}

function fit(options: PromptOptions, template: string): Omit<Prompt, 'fault'> {
  const clean = cleanText(options.description);
  const compose = (description: string) => cleanText(renderTemplate(template, fieldsOf(options, description)));
  const body = setOff(clean);
  const whole = compose(body);
  if (Buffer.byteLength(whole) <= PROMPT_MAX_BYTES) return { text: `${whole}\n`, overflow: undefined };
  const times = Math.max(1, template.match(DESCRIPTION)?.length ?? 0);
  const room = Math.floor((PROMPT_MAX_BYTES - Buffer.byteLength(compose(''))) / times) - 500;
  const head = Buffer.from(body)
    .subarray(0, Math.max(0, room))
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  const text = compose(`${head}\n\n[cut here; the whole text is in ${options.descriptionFile}]`);
  if (Buffer.byteLength(text) > PROMPT_MAX_BYTES) throw new Error('the template is longer than a prompt may be');
  return { text: `${text}\n`, overflow: clean };
}

function fieldsOf(options: PromptOptions, description: string): Record<string, string> {
  const { ticket, comments = [], links = [], history = '', worktree = true } = options;
  const { id, workItem, attempt, feedback = '' } = ticket;
  return {
    Id: id,
    Title: cleanText(workItem.title).replaceAll('\n', ' '),
    Priority: workItem.priority,
    Description: description,
    Comments: setOff(comments.map(cleanText).join('\n\n').slice(-COMMENTS_MAX_CHARS).toWellFormed()),
    Links: setOff(links.map(linkLine).join('\n').slice(0, LINKS_MAX_CHARS).toWellFormed()),
    Attempt: attempt > 1 ? String(attempt) : '',
    History: history,
    Feedback: feedback,
    Workspace: worktree
      ? 'a git worktree of your own, on its own branch'
      : 'the repository itself, which others use as well',
  };
}

const linkLine = ({ url, title }: { readonly url: string; readonly title: string }): string =>
  cleanText(title ? `- ${url} (${title})` : `- ${url}`).replaceAll('\n', ' ');

/** Or it could end its own place. */
const setOff = (text: string): string => text.replace(/<(\/?\s*(?:description|comments|links)\s*)>/gi, '&lt;$1>');

/** For an agent that has the conversation so far. */
export function renderResumption({ id, feedback }: Ticket): string {
  return [
    `Go on with the ticket ${id}: your session was ended and is resumed. Look first at what is on the branch.`,
    ...(feedback ? ['', 'A person answered to the last summary:', '', feedback] : []),
    '',
    `When it is done, report it as before: \`complete-ticket ${id} "<summary>"\`, or /complete <summary>.`,
    '',
  ].join('\n');
}
