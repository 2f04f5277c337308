import { sessionName } from '@pco/shared/domain';
import type { EffectHandler } from '@pco/shared/engine';
import { AppError } from '@pco/shared/errors';
import { BackToQueue, Later } from '@pco/shared/queue';
import type { Host } from './host.ts';
import type { Intake } from './intake.ts';
import { hashToken } from './session-files.ts';

/** A project or stage at its limit is looked at again after so long, at random, unless a freed slot promotes it. */
const LIMIT_WAIT_MS = { least: 250, most: 2_000 };

/**
 * Takes an approved ticket for this runner. The claim is a commit that also takes the slots: it cannot exceed a
 * limit, and of two runners that saw the job only one succeeds.
 * Without room on this host the job goes back, for another runner or for later.
 */
export const createClaimSession =
  ({ core, runner, capacity, files }: Host, intake: Pick<Intake, 'hasRoom' | 'lookAgain'>): EffectHandler =>
  async ({ ticket, readAt, effectId, log }) => {
    const stopTaking = () => {
      void intake.lookAgain().catch((err: unknown) => log.debug({ err }, 'the next look at this host pauses it'));
      return new BackToQueue();
    };
    if (!(await intake.hasRoom())) throw stopTaking();
    const policy = core.policyOf(ticket.workItem);
    const token = await files(sessionName(policy.sessionPrefix, ticket.id, ticket.sessionSeq)).token();
    const claim = { runner, capacity, tokenHash: hashToken(token) };
    const answer = await core.apply(
      { id: `claim-${effectId}`, type: 'slot.claimed', ticketId: ticket.id, cid: ticket.cid, effectId, ...claim },
      { readAt },
    );
    if (answer.kind === 'changed') log.info({ event: 'session.claimed', runner }, 'session claimed');
    if (answer.kind === 'taken')
      throw new AppError('TICKET_EXISTS', { why: `the work item belongs to ${answer.ticketId}` });
    if (answer.kind === 'full') {
      if (answer.set === `slots:runner:${runner}`) throw stopTaking();
      throw new Later(LIMIT_WAIT_MS.least + Math.random() * (LIMIT_WAIT_MS.most - LIMIT_WAIT_MS.least));
    }
    return undefined; // the claim itself closed the effect
  };
