import { expect, test } from 'vitest';
import { createPlaneEmulator } from './index.ts';

test('the page is served whole, loads nothing from elsewhere, and acts through the control endpoints', async () => {
  await using plane = await createPlaneEmulator({ seed: { projects: [{ identifier: 'ACME' }] } });
  const answer = await fetch(`${plane.url}/`);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await answer.text();
  expect(html).not.toMatch(/(src|href)="?https?:/);
  const { projects } = (await (await fetch(`${plane.url}/__control/projects`)).json()) as { projects: unknown[] };
  expect(projects).toMatchObject([{ identifier: 'ACME', people: expect.arrayContaining(['alice']) }]);
  const name = '<img src=x onerror=alert(1)>';
  const body = JSON.stringify({ project: 'ACME', name, assignees: ['alice'], labels: ['agent'] });
  const made = await fetch(`${plane.url}/__control/items`, { method: 'POST', body });
  expect(made.status).toBe(200);
  plane.createItem({ project: 'ACME', name: 'newer' });
  const state = await fetch(`${plane.url}/__control/state?newest=1`);
  expect(await state.json()).toMatchObject({ items: [{ name: 'newer' }] });
  expect(plane.item('ACME-1')).toMatchObject({ name, labels: ['agent'], assignees: ['alice'] });
  const edit = JSON.stringify({ description_html: '<p>more</p>', by: 'alice' });
  await fetch(`${plane.url}/__control/items/ACME-1`, { method: 'PATCH', body: edit });
  expect(plane.item('ACME-1').descriptionHtml).toBe('<p>more</p>');
});

test('another web page cannot act here', async () => {
  await using plane = await createPlaneEmulator();
  const ask = (origin: string) => fetch(`${plane.url}/__control/projects`, { headers: { origin } });
  expect((await ask('https://evil.example')).status).toBe(403);
  expect((await ask(plane.url)).status).toBe(200);
});
