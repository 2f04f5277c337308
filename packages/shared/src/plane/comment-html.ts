import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts';
import { escapeHtml, withoutControls } from './escape-html.ts';
import { summaryBlocks } from './summary-html.ts';

/** What is known of the work besides its summary; unknown things are left out. */
export interface CommentFacts {
  readonly durationMs?: number | undefined;
  /** How often an agent was set to it. */
  readonly attempt?: number | undefined;
  readonly branch?: string | undefined;
  /** Where people see the branch. */
  readonly branchUrl?: string | undefined;
  readonly commits?: number | undefined;
  /** Commits that no remote has. */
  readonly unpushed?: number | undefined;
  /** Files with changes that no commit has. */
  readonly uncommitted?: number | undefined;
}

const SIGNATURE = '<p>🤖 This work was done with Claude Code assistance.</p>';
const SHORTENED = '<p>… shortened here; the whole summary is in the ticket.</p>';
/** Plane takes megabytes; nobody reads so much in a comment. The longest summary of plain words stays well below it. */
const MAX_CHARS = 60_000;

/**
 * A summary as the comment of B-101. Plane stores comments as they are sent, so everything that is not ours is escaped;
 * our own tags are those that it shows in every place.
 */
export function commentHtml(summary: string, facts: CommentFacts = {}): string {
  return [...shorten(summaryBlocks(summary)), ...factsBlock(facts), SIGNATURE].join('');
}

function shorten(blocks: readonly string[]): readonly string[] {
  let chars = 0;
  const end = blocks.findIndex((block) => {
    chars += block.length;
    return chars > MAX_CHARS;
  });
  return end < 0 ? blocks : [...blocks.slice(0, end), SHORTENED];
}

function factsBlock(facts: CommentFacts): readonly string[] {
  const { durationMs, attempt = 1, commits, unpushed = 0, uncommitted = 0 } = facts;
  const said = [
    durationMs === undefined ? '' : `Duration: ${durationText(durationMs)}`,
    attempt > 1 ? `Attempts: ${attempt}` : '',
    branchText(facts),
    commits === undefined ? '' : `Commits: ${commits}`,
    unpushed > 0 ? `Not pushed: ${count(unpushed, 'commit')}` : '',
    uncommitted > 0 ? `Not committed: ${count(uncommitted, 'file')}` : '',
  ].filter((text) => text !== '');
  return said.length > 0 ? [`<p>${said.join(' · ')}</p>`] : [];
}

function branchText({ branch, branchUrl }: CommentFacts): string {
  if (branch === undefined) return '';
  const name = escapeHtml(withoutControls(branch).toWellFormed());
  return `Branch: ${branchUrl === undefined ? name : `<a href="${escapeHtml(branchUrl)}">${name}</a>`}`;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(1, Math.round(ms / SECOND_MS))} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  const hours = Math.floor((minutes * MINUTE_MS) / HOUR_MS);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
