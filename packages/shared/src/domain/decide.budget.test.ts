import { describe, expect, test } from 'vitest';
import { judgeBudget } from './budget.ts';
import { BUDGET, by, FIRST_SESSION, policyFor, type Told } from './testing/fixtures.ts';
import { opened, World } from './testing/world.ts';

const limited = (status: Parameters<typeof World.at>[0]) => World.at(status, policyFor(undefined, BUDGET));
const used = (amounts: { turns?: number; tokens?: number; costUsd?: number }): Told => ({
  type: 'session.used',
  sessionId: FIRST_SESSION,
  used: amounts,
});
const seen = (state: 'working' | 'asking' | 'silent'): Told => ({
  type: 'session.observed',
  sessionId: FIRST_SESSION,
  state,
});
const budgetTimer = (world: World) => world.openOf('timer').find(([, { args }]) => args.kind === 'budget');
/** The timer's time has come. */
const timeUp = (world: World, ms: number) => {
  world.now += ms;
  return world.change({ type: 'timer.due', effectId: budgetTimer(world)?.[0] ?? '' });
};

describe('turns, tokens and money', () => {
  test.each([
    [{ turns: 8 }, 'turns'],
    [{ tokens: 800 }, 'tokens'],
    [{ costUsd: 4 }, 'cost'],
  ])('at four fifths of a limit, %j, somebody is told once, and the agent goes on', (amounts, limit) => {
    const world = limited('active');
    expect(opened(world.change(used(amounts)))).toEqual(['notify']);
    expect(world.ticket).toMatchObject({ status: 'active', session: { warned: [limit], used: amounts } });
    expect(world.tell(used(amounts)).kind).toBe('ignore');
  });

  test.each([
    [{ turns: 10 }, 'BUDGET_TURNS', '10 turns of 10 turns'],
    [{ tokens: 1_001 }, 'BUDGET_TOKENS', '1001 tokens of 1000 tokens'],
    [{ costUsd: 7.5 }, 'BUDGET_COST', '$7.50 of $5.00'],
  ])('at a limit, %j, the session is stopped, and the ticket says why and where its work is', (amounts, code, text) => {
    for (const status of ['active', 'waiting'] as const) {
      const world = limited(status);
      expect(opened(world.change(used(amounts)))).toEqual(expect.arrayContaining(['session.stop', 'notify']));
      expect(world.ticket).toMatchObject({ status: 'failed', reason: { code, text: expect.stringContaining(text) } });
    }
  });

  test('what is within the budget, of another session, or after the summary, changes nothing', () => {
    expect(limited('active').tell(used({ turns: 7, tokens: 799, costUsd: 3.9 })).kind).toBe('ignore');
    expect(limited('completed').tell(used({ turns: 99 })).kind).toBe('ignore');
    const other: Told = { type: 'session.used', sessionId: 'claude-ACME-17', used: { turns: 99 } };
    expect(limited('active').tell(other).kind).toBe('ignore');
  });
});

describe('minutes', () => {
  test('the clock begins when the agent is at work; a timer warns and another one ends it', () => {
    const world = limited('active');
    expect(budgetTimer(world)).toBeDefined();
    expect(opened(timeUp(world, BUDGET.ms * 0.8))).toEqual(['notify', 'timer']);
    expect(world.ticket).toMatchObject({ status: 'active', session: { warned: ['minutes'] } });
    timeUp(world, BUDGET.ms * 0.2);
    expect(world.ticket).toMatchObject({
      status: 'failed',
      reason: { code: 'BUDGET_MINUTES', text: expect.stringContaining('10 minutes of work of 10 minutes') },
    });
    expect(budgetTimer(world)).toBeUndefined();
  });

  test('it stands still while a person is waited for, and not while the agent is silent', () => {
    const world = limited('active');
    world.now += 60_000;
    world.change(seen('asking'));
    expect(budgetTimer(world)).toBeUndefined();
    const { ms = 0 } = world.ticket.session?.clock ?? {};
    expect(ms).toBeGreaterThanOrEqual(60_000);
    world.now += 5 * BUDGET.ms;
    world.change(seen('silent'));
    expect(world.ticket.session?.clock).toEqual({ ms, since: world.now });
    expect(timeUp(world, BUDGET.ms * 0.8 - ms).ticket.status).toBe('waiting');
  });

  test('it stops with the summary, goes on after a rejection, and begins anew with a new session', () => {
    const world = limited('completed');
    const { clock } = world.ticket.session ?? {};
    expect(clock?.since).toBeUndefined();
    world.change({ type: 'person.rejected', by, text: 'Not yet' });
    expect(world.ticket.session?.clock).toEqual({ ms: clock?.ms, since: world.now });
    world.change({ type: 'person.stopped', by });
    world.settleSessions();
    world.change({ type: 'person.retried', by });
    world.claim();
    expect(world.ticket.session).not.toHaveProperty('clock');
  });
});

test('a limit that is not set is none, and what is not known is nothing', () => {
  expect(judgeBudget({}, { turns: 1e9, ms: 1e12, tokens: 1e12, costUsd: 1e6 })).toEqual({ over: undefined, near: [] });
  expect(judgeBudget(BUDGET, {})).toEqual({ over: undefined, near: [] });
  expect(judgeBudget(BUDGET, { turns: 8, tokens: 2_000 })).toEqual({ over: 'tokens', near: ['turns', 'tokens'] });
});
