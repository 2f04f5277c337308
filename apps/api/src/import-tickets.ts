import type { FileTicket, ImportOutcome, TicketFiles } from '@pco/shared/contracts/http';
import { cleanText } from '@pco/shared/domain';
import type { Core } from '@pco/shared/engine';

type Imported = { summary?: string; completedAt?: number };

/**
 * Brings in what the documented files hold (B-078). A completed ticket awaits the approval of its summary as before. One
 * that was active waits for approval: its session is not in a file. What is known here already stays as it is.
 */
export async function importTickets(
  { apply, store }: Core,
  files: TicketFiles,
  { by, cid }: { by: string; cid: string },
): Promise<ImportOutcome> {
  const outcome: ImportOutcome = { imported: [], skipped: [] };
  const bring = async (given: FileTicket, imported: Imported) => {
    const { ticket, version } = await store.load(given.id);
    const why = ticket ? `it is here already and ${ticket.status}` : await begin(given, imported, version);
    if (why === null) outcome.imported.push(given.id);
    else outcome.skipped.push({ id: given.id, why });
  };

  async function begin(given: FileTicket, imported: Imported, version: number): Promise<string | null> {
    const event = {
      id: `import-${given.id}-v${version}`, // of two at the same instant one is the other's repetition
      type: 'trigger.seen',
      ticketId: given.id,
      cid,
      workItem: {
        uuid: given.uuid,
        projectId: given.project_id,
        project: given.id.slice(0, given.id.indexOf('-')),
        title: given.title,
        priority: 'none',
        stateId: null,
        createdAt: Date.parse(given.created_at),
      },
      trigger: { type: given.trigger_type, by },
      description: given.description ?? '',
      imported,
    } as const;
    const answer = await apply(event, { once: true });
    if (answer.kind === 'taken') return `its uuid belongs to ${answer.ticketId}`;
    return answer.kind === 'changed' ? null : 'somebody else brought it in';
  }

  for (const given of [...files.pending, ...files.active]) await bring(given, {});
  for (const given of files.completed) await bring(given, summaryOf(given));
  return outcome;
}

/** Nothing for a summary that says nothing: the ticket then waits for approval like a new one. */
function summaryOf({ summary, completed_at }: FileTicket): Imported {
  const text = cleanText(summary ?? '');
  if (text === '') return {};
  return { summary: text, ...(completed_at ? { completedAt: Date.parse(completed_at) } : {}) };
}
