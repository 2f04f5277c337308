import { z } from 'zod';

/** JSON Schema as far as OpenAPI documents of Kubernetes use it. */
type Schema = Readonly<Record<string, unknown>>;

const Swagger = z.object({ definitions: z.record(z.string(), z.record(z.string(), z.unknown())) });
const GroupVersionKinds = z.array(z.object({ group: z.string(), version: z.string(), kind: z.string() }));
const CustomResource = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({
        name: z.string(),
        served: z.boolean(),
        schema: z.object({ openAPIV3Schema: z.record(z.string(), z.unknown()) }),
      }),
    ),
  }),
});

const REF = '#/definitions/';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
/** Words for people, and what only the server uses. */
const LEFT_OUT = /^(description|example|externalDocs|format|default|x-kubernetes-.*)$/;

/**
 * One schema for the kinds that are named and all that they refer to. It refuses what is unknown, as `kubectl apply
 * --validate=strict` does, and the status, which is not ours to write.
 */
export function schemasOfKubernetes(document: unknown, names: readonly string[]): Record<string, Schema> {
  const { definitions } = Swagger.parse(document);
  const kept: Record<string, Schema> = {};
  const keep = (name: string, isRoot: boolean): void => {
    if (kept[name]) return;
    const { status: _, ...properties } = Object(definitions[name]?.properties) as Record<string, unknown>; // of an object
    const whole = definitions[name] ?? {};
    const schema = strict(isRoot ? { ...whole, properties } : whole);
    kept[name] = isRoot ? named(schema, whole) : name === QUANTITY ? { type: ['string', 'number'] } : schema;
    for (const ref of refsOf(kept[name])) keep(ref, false);
  };
  for (const name of names) keep(name, true);
  return { kubernetes: { definitions: kept } };
}

/** A root says which kind it is. */
function named(schema: Schema, whole: Schema): Schema {
  const [first] = GroupVersionKinds.parse(whole['x-kubernetes-group-version-kind']);
  return first
    ? withKind(schema, first.group === '' ? first.version : `${first.group}/${first.version}`, first.kind)
    : {};
}

/** One schema for each version that is served. */
export function schemasOfCustomResource(document: unknown): Record<string, Schema> {
  const { group, names, versions } = CustomResource.parse(document).spec;
  const made = versions
    .filter(({ served }) => served)
    .map(({ name, schema }) => {
      const { status: _, ...properties } = Object(schema.openAPIV3Schema.properties) as Record<string, unknown>; // of an object
      const whole = strict({ ...schema.openAPIV3Schema, properties: { ...properties, metadata: METADATA } });
      return [`${names.kind}-${name}`.toLowerCase(), withKind(whole, `${group}/${name}`, names.kind)] as const;
    });
  return Object.fromEntries(made);
}

/** What custom resources leave to the server to know. */
const METADATA = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

const withKind = (schema: Schema, apiVersion: string, kind: string): Schema => ({
  ...schema,
  required: [...new Set(['apiVersion', 'kind', 'metadata', ...z.array(z.string()).catch([]).parse(schema.required)])],
  properties: { ...Object(schema.properties), apiVersion: { const: apiVersion }, kind: { const: kind } },
});

/** Flags in an expression are Go's; JavaScript does not know them. */
const isForeign = (key: string, value: unknown): boolean => key === 'pattern' && /\(\?[a-z]/.test(String(value));

/** Keys of `properties` are names and no keywords. */
function strict(schema: unknown): Schema {
  const given = Object(schema) as Record<string, unknown>; // every schema of these documents is an object
  if (given['x-kubernetes-int-or-string'] === true || given.format === 'int-or-string')
    return { type: ['integer', 'string'] };
  const made = Object.fromEntries(
    Object.entries(given)
      .filter(([key, value]) => !LEFT_OUT.test(key) && key !== 'nullable' && !isForeign(key, value))
      .map(([key, value]) => [key, strictOf(key, value)]),
  );
  const isOpen = given['x-kubernetes-preserve-unknown-fields'] === true || made.additionalProperties !== undefined;
  if (made.properties !== undefined && !isOpen) made.additionalProperties = false;
  return given.nullable === true ? { anyOf: [made, { type: 'null' }] } : made;
}

function strictOf(key: string, value: unknown): unknown {
  if (key === 'properties')
    return Object.fromEntries(Object.entries(Object(value)).map(([name, child]) => [name, strict(child)]));
  if (key === 'items' || key === 'not' || (key === 'additionalProperties' && typeof value === 'object'))
    return strict(value);
  // alternatives only narrow what stands beside them: they must not refuse its other properties
  return value;
}

function refsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value.replace(REF, '')] : refsOf(value),
  );
}
