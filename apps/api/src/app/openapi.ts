import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { ROUTES, TAGS } from '@pco/shared/contracts/http';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { serve } from './serve.ts';

/** `/openapi.json` and a page for people at `/docs`. Before the first route: routes are collected as they are added. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'plane-claude-orchestrator',
        version: '1',
        description:
          'Every error is `{"detail": …, "code": …}`; codes do not change and are listed in docs/runbook.md.',
      },
      tags: TAGS.map((name) => ({ name })),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of the role that `x-role` names, or above' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'pco_session', description: 'From POST /api/login' },
          sessionToken: { type: 'http', scheme: 'bearer', description: "PCO_SESSION_TOKEN of the ticket's session" },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

/** A page for people that reads the document; everything that it needs comes from us. */
export async function addDocs(app: FastifyInstance): Promise<void> {
  serve(app, ROUTES.openApi, async () => ({ ...app.swagger(), openapi: '3.1.0' }));
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { deepLinking: true } });
}
