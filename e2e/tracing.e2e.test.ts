import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { approve, ask } from './support/people.ts';
import { startStack } from './support/stack.ts';
import { until } from './support/until.ts';

const Spans = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({
        attributes: z.array(z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) })),
      }),
      scopeSpans: z.array(
        z.object({ spans: z.array(z.object({ traceId: z.string(), name: z.string(), kind: z.number().optional() })) }),
      ),
    }),
  ),
});

interface Span {
  readonly service: string;
  readonly traceId: string;
  readonly name: string;
}

/** A collector that takes what is sent to it over OTLP/HTTP. */
async function collector() {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const told = Spans.parse(JSON.parse(Buffer.concat(chunks).toString()));
      for (const { resource, scopeSpans } of told.resourceSpans) {
        const name = resource.attributes.find(({ key }) => key === 'service.name');
        const service = name?.value.stringValue ?? '';
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ service, ...span }))));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // of a server that listens on a port
  return {
    spans,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('one trace spans approval, session and write-back, over the restart of who writes', async () => {
  await using traces = await collector(); // outlives those who send to it
  await using stack = await startStack({
    config: { tracing: { otlp_endpoint: traces.url } },
    serviceEnv: (name): Record<string, string> =>
      name === 'tmux-session-service' ? { PCO_TRACING_OTLP_ENDPOINT: traces.url } : {},
  });
  const { key } = stack.emulator.createItem({ project: 'ACME', name: 'Follow me', state: 'Todo' });
  await stack.poll();
  await stack.waitForStatus(key, 'pending');
  await approve(stack, key);
  await stack.waitForStatus(key, 'completed');
  await stack.services['plane-writer'].kill();
  await ask(stack, 'POST', `/api/update-plane/${key}?wait=0`, { summary: 'Followed.' });
  stack.services['plane-writer'].start();
  const { trace } = await stack.waitForStatus(key, 'done');
  const traceId = trace?.split('-')[1] ?? '';
  const seen = () => traces.spans.filter((span) => span.traceId === traceId);
  const has = (service: string, name: RegExp) =>
    until(`${service} has sent ${name}`, () => seen().some((span) => span.service === service && name.test(span.name)));
  await has('api', /^POST \/api\/approve\/:ticketId$/);
  await has('session-worker', /session\.default/);
  await has('session-worker', /runner\.e2e/);
  await has('session-worker', /completion\.e2e/);
  await has('session-worker', /^PUT$/);
  await has('tmux-session-service', /^PUT \/sessions\/:id$/);
  await has('plane-writer', /plane-write/);
  await has('plane-writer', /^POST$/);
  await has('plane-writer', /^PATCH$/);
  expect(new Set(seen().map(({ service }) => service))).toEqual(
    new Set(['api', 'session-worker', 'tmux-session-service', 'plane-writer']),
  );
  expect(traces.spans.filter(({ name }) => /readyz|metrics|Stalled/.test(name))).toEqual([]);
});
