import { TicketView } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { rank } from './rank.ts';

const AT = '2026-05-04T12:00:00.000Z';
const ticket = (id: string, given: Partial<TicketView>): TicketView =>
  TicketView.parse({
    id,
    uuid: '6f0cf2b3-5b3c-4d5c-9d7e-1f2a3b4c5d6e',
    project_id: 'p',
    title: 't',
    description: '',
    trigger_type: 'new_ticket',
    summary: null,
    created_at: AT,
    updated_at: AT,
    completed_at: null,
    status: 'pending',
    status_since: AT,
    priority: 'none',
    runner: null,
    session_id: null,
    started_at: null,
    attempt: 1,
    missed_triggers: 0,
    error: null,
    error_code: null,
    waiting_for: null,
    waits_for: null,
    write_back_waits_for: null,
    project_error: null,
    branch: null,
    plane_url: null,
    result: null,
    used: null,
    near_limits: [],
    ...given,
  });
const told = (tickets: TicketView[]) => rank(tickets).map((card) => `${card.ticket.id} ${card.kind}`);

test('who holds a slot comes first, failures last, and what needs nobody is left out', () => {
  const tickets = [
    ticket('A-1', { status: 'failed', error: 'x' }),
    ticket('A-2', { status: 'completed' }),
    ticket('A-3', {}),
    ticket('A-4', { status: 'waiting' }),
    ticket('A-5', { status: 'active' }),
    ticket('A-6', { status: 'updating' }),
    ticket('A-7', { status: 'updating', error: '403' }),
  ];
  expect(told(tickets)).toEqual(['A-4 asks', 'A-3 approve', 'A-2 update', 'A-1 failed', 'A-7 failed']);
});

test('among equals the priority decides, then who has waited longest', () => {
  const older = '2026-05-04T11:00:00.000Z';
  const tickets = [ticket('A-1', {}), ticket('A-2', { status_since: older }), ticket('A-3', { priority: 'urgent' })];
  expect(told(tickets)).toEqual(['A-3 approve', 'A-2 approve', 'A-1 approve']);
});

test('a ticket in two lists shows once, as its newest change left it', () => {
  const newer = '2026-05-04T12:00:01.000Z';
  expect(told([ticket('A-1', { status: 'completed', updated_at: newer }), ticket('A-1', {})])).toEqual(['A-1 update']);
});
