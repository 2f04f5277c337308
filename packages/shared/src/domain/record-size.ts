import type { Ticket } from './ticket.ts';

/** Longest record that a commit takes, in bytes of UTF-8; descriptions are kept apart. */
export const RECORD_MAX_BYTES = 64 * 1024;
/** Lengths tried one after the other, in UTF-16 units; the last one fits beside the longest summary. */
const SHORTER = [2_000, 500, 100];

// a UTF-16 unit takes three bytes at most: nearly every record is settled without counting
const fits = (record: string): boolean =>
  record.length * 3 <= RECORD_MAX_BYTES || new TextEncoder().encode(record).length <= RECORD_MAX_BYTES;

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;

/**
 * Shortens what others wrote until the record can be stored: a ticket that cannot be written could not move any more.
 * The summary is what the work was done for, and is never shortened; an answer to an earlier one is, but only then.
 *
 * @returns the ticket as it will be stored
 */
export function fitRecord(ticket: Ticket): string {
  let record = JSON.stringify(ticket);
  for (const most of SHORTER) {
    if (fits(record)) break;
    shorten(ticket, most);
    record = JSON.stringify(ticket);
  }
  return record;
}

function shorten(ticket: Ticket, most: number): void {
  const { workItem, reason, observed, result, feedback, message, summary, open } = ticket;
  ticket.workItem = { ...workItem, title: cut(workItem.title, most), labels: firstLabels(workItem.labels, most) };
  if (reason) ticket.reason = { ...reason, text: cut(reason.text, most) };
  if (observed) ticket.observed = { ...observed, ...shorterWords(observed, most) };
  if (result?.diff) ticket.result = { ...result, diff: cut(result.diff, most) };
  if (message) ticket.message = cut(message, most);
  if (feedback && summary !== undefined) ticket.feedback = cut(feedback, most);
  for (const effect of Object.values(open))
    if (effect.parked) effect.parked = { ...effect.parked, detail: cut(effect.parked.detail, most) };
}

const shorterWords = ({ detail, choices }: NonNullable<Ticket['observed']>, most: number) => ({
  ...(detail === undefined ? {} : { detail: cut(detail, most) }),
  ...(choices === undefined ? {} : { choices: choices.map((label) => cut(label, most)) }),
});

/** Whole labels, as many as fit: half a label would be another one. */
function firstLabels(labels: readonly string[], most: number): string[] {
  let length = 0;
  return labels.filter((label) => {
    length += label.length;
    return length <= most;
  });
}
