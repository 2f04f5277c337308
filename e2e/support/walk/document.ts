import { REASON_CODES } from '@pco/shared/domain';
import { ERROR_CODES } from '@pco/shared/errors';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';

/** A JSON schema as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>;
const AnySchema = z.record(z.string(), z.unknown());
const Media = z.record(z.string(), z.object({ schema: AnySchema.default({}) }));
const Parameter = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header', 'cookie']), schema: AnySchema });
const Responses = z.record(z.string(), z.object({ content: Media.optional() }));
const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ content: Media }).optional(),
  responses: Responses,
});
export const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), AnySchema) }),
});
export type Document = z.output<typeof Document>;

export interface WalkedOperation extends z.output<typeof Operation> {
  readonly method: string;
  readonly path: string;
}

export const operationsOf = ({ paths }: Document): WalkedOperation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );

const CODES: ReadonlySet<unknown> = new Set(['NOT_FOUND', ...ERROR_CODES, ...REASON_CODES]);

/** Judges answers by the document alone. */
export function createJudge(document: Document) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  ajv.addSchema({ $id: 'doc', components: document.components });
  const compiled = new Map<string, ValidateFunction>();
  const inDocument = (schema: unknown): unknown =>
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"doc#/components/'));
  const errorOf = (key: string, schema: Schema, value: unknown): string | undefined => {
    const check = compiled.get(key) ?? ajv.compile(inDocument(schema) as Schema); // still a schema
    compiled.set(key, check);
    return check(value) ? undefined : ajv.errorsText(check.errors);
  };
  return {
    /** @returns what the document does not say of this answer */
    faultOf(operation: WalkedOperation, status: number, type: string, body: string): string | undefined {
      const said = operation.responses[String(status)];
      if (!said) return `status ${status} is not documented`;
      const [media = ''] = type.split(';');
      const content = said.content?.[media];
      if (said.content && !content) return `${media || 'no media type'} is not documented for ${status}`;
      if (!content || media !== 'application/json') return undefined;
      const answer = JSON.parse(body);
      if (status >= 400 && !CODES.has(answer.code)) return `${answer.code} is no code of ours`;
      return errorOf(`${operation.operationId} ${status}`, content.schema, answer);
    },
  };
}
