import { branchUrl, type EffectHandler, isCollecting, type Work, writeBackSettings } from '@pco/shared/engine';
import { Later } from '@pco/shared/queue';
import { SECOND_MS } from '@pco/shared/time';
import { readWorkItem, type Writer } from './writer.ts';

/** How long the look at what the session left is waited for; without it nobody knows whether its branch is pushed. */
const COLLECT_MS = 30 * SECOND_MS;

/** Adds the branch to the work item's links. Plane knows each address once per item, so a repeat changes nothing. */
export const createWriteLink =
  (writer: Writer): EffectHandler =>
  async (work) => {
    const { ticket, log, signal } = work;
    if (mustWait(work)) throw new Later(SECOND_MS);
    const url = branchUrl(writeBackSettings(writer.config, ticket).branch_url, ticket);
    if (url === undefined) {
      log.info({ event: 'plane.link-left-out' }, 'no link written: no pushed branch to point to');
      return {};
    }
    await readWorkItem(writer, ticket, signal);
    if (!(await work.stillOpen())) return undefined;
    const { projectId, uuid } = ticket.workItem;
    const title = `Branch ${ticket.session?.branch}`;
    const { outcome } = await writer.plane.createLink(projectId, uuid, { url, title }, { signal });
    log.info({ event: 'plane.link-written', outcome }, 'link written');
    return {};
  };

const mustWait = ({ ticket, effect, readAt }: Work): boolean =>
  readAt.now - effect.since < COLLECT_MS && isCollecting(ticket);
