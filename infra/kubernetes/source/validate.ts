import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { z } from 'zod';
import { FOLDER, type Manifest, titleOf } from './manifest.ts';

const SCHEMAS = join(FOLDER, 'schemas');
const Kinded = z.looseObject({
  properties: z.looseObject({
    apiVersion: z.looseObject({ const: z.string() }),
    kind: z.looseObject({ const: z.string() }),
  }),
});
const WithDefinitions = z.looseObject({ definitions: z.record(z.string(), z.unknown()) });

/** What is wrong with a manifest by the schema of its kind. An unknown field is a fault, and so is an unknown kind. */
export function createValidator(): (manifest: Manifest) => string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const byKind = new Map<string, ValidateFunction>();
  const add = (schema: unknown, validate: () => ValidateFunction): void => {
    const { data } = Kinded.safeParse(schema);
    if (data) byKind.set(keyOf(data.properties.apiVersion.const, data.properties.kind.const), validate());
  };
  for (const file of readdirSync(SCHEMAS).filter((name) => name.endsWith('.json'))) {
    const schema: unknown = JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8'));
    const definitions = WithDefinitions.safeParse(schema).data?.definitions;
    if (!definitions) add(schema, () => ajv.compile(Object(schema)));
    for (const [name, definition] of Object.entries(definitions ?? {}))
      add(definition, () => ajv.compile({ $ref: `#/definitions/${name}`, definitions }));
  }
  return (manifest) => {
    const validate = byKind.get(keyOf(manifest.apiVersion, manifest.kind));
    if (!validate) return [`${titleOf(manifest)}: no schema of ${manifest.apiVersion} ${manifest.kind} is here`];
    return validate(manifest) ? [] : (validate.errors ?? []).map((error) => `${titleOf(manifest)}: ${tell(error)}`);
  };
}

const keyOf = (apiVersion: string, kind: string): string => `${apiVersion} ${kind}`;

function tell({ instancePath, message, params }: ErrorObject): string {
  const extra: unknown = params.additionalProperty;
  const what = typeof extra === 'string' ? `has no field ${extra}` : (message ?? 'does not fit');
  return `${instancePath.slice(1).replaceAll('/', '.') || 'it'} ${what}`;
}
