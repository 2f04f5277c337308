import { ImportOutcome } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { apiFixture } from './testing/api-fixture.ts';

const idsOf = (json: unknown): string[] => (json as { id: string }[]).map(({ id }) => id).sort(); // a list of ours

test('what one installation exports another imports: to be approved, or with the summary that awaits approval', async () => {
  await using from = await apiFixture();
  await from.bring('ACME-1', 'pending');
  await from.bring('ACME-2', 'active');
  await from.bring('ACME-3', 'completed');
  const { json: files } = await from.get('/api/export');
  await using to = await apiFixture();
  const { status, json } = await to.post('/api/import', files);
  expect(status).toBe(200);
  expect(ImportOutcome.parse(json)).toEqual({ imported: ['ACME-1', 'ACME-2', 'ACME-3'], skipped: [] });
  expect(idsOf((await to.get('/api/pending-tickets')).json)).toEqual(['ACME-1', 'ACME-2']);
  const [before] = (await from.get('/api/completed-tickets')).json as Record<string, unknown>[];
  const [after] = (await to.get('/api/completed-tickets')).json as Record<string, unknown>[];
  for (const field of ['id', 'uuid', 'project_id', 'title', 'description', 'summary', 'created_at', 'completed_at'])
    expect(after?.[field]).toEqual(before?.[field]);
  expect((await to.post('/api/update-plane/ACME-3?wait=0', { summary: 'As it was' })).status).toBe(202);
});

test('what is here already stays as it is, however often it is imported', async () => {
  await using api = await apiFixture();
  await api.bring('ACME-1', 'completed');
  await api.bring('ACME-2', 'cancelled');
  await api.bring('ACME-3', 'pending');
  const { json: files } = await api.get('/api/export');
  const { json } = await api.post('/api/import', files);
  expect(json).toEqual({
    imported: [],
    skipped: [
      { id: 'ACME-3', why: 'it is here already and pending' },
      { id: 'ACME-1', why: 'it is here already and completed' },
    ],
  });
  const [pending] = Object(files).pending;
  const { json: second } = await api.post('/api/import', { pending: [{ ...pending, id: 'ACME-9' }] });
  expect(second).toEqual({ imported: [], skipped: [{ id: 'ACME-9', why: 'its uuid belongs to ACME-3' }] });
});

test('files that hold something else are refused as a whole, with the place', async () => {
  await using api = await apiFixture();
  const good = { id: 'ACME-1', uuid: 'u-1', project_id: 'p', title: 't', created_at: '2025-01-01T00:00:00Z' };
  for (const [body, place] of [
    [{ pending: [good, { ...good, id: '../x' }] }, 'pending'],
    [{ pending: [{ ...good, created_at: 'yesterday' }] }, 'created_at'],
    [{ finished: [] }, 'finished'],
    [[], 'body'],
  ]) {
    const { status, text } = await api.post('/api/import', body);
    expect(status).toBe(422);
    expect(text).toContain(place);
  }
  expect((await api.get('/api/pending-tickets')).json).toEqual([]);
});
