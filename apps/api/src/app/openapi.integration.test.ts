import { ROUTES } from '@pco/shared/contracts/http';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { apiFixture } from '../testing/api-fixture.ts';

const Document = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

test('the document has every declared operation and no other, and each of its references leads somewhere', async () => {
  await using api = await apiFixture();
  const { json, text } = await api.get('/openapi.json');
  const document = Document.parse(json);
  expect(document.openapi).toBe('3.1.0');
  const found = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(found.sort()).toEqual(Object.keys(ROUTES).sort());
  expect(found.length).toBeGreaterThan(20);
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    expect(Object.keys(document.components.schemas)).toContain(name);
});

test('the page for people needs nothing from elsewhere', async () => {
  await using api = await apiFixture();
  const page = await api.get('/docs/');
  expect(page.status).toBe(200);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source = '']) => source);
  expect(sources.length).toBeGreaterThan(2);
  for (const source of sources) {
    expect(source).not.toMatch(/^(https?:)?\/\//);
    expect((await api.get(new URL(source, 'http://x/docs/').pathname)).status, source).toBe(200);
  }
});
