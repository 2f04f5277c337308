import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const FOLDER = resolve(import.meta.dirname, '..');

/** What every manifest says of itself; all else is judged by its schema. */
export const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
});
export type Manifest = z.output<typeof Manifest>;

const EnvVar = z.looseObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .looseObject({
      secretKeyRef: z.looseObject({ name: z.string(), key: z.string(), optional: z.boolean().optional() }).optional(),
    })
    .optional(),
});
const Mount = z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() });
const Amounts = z.looseObject({ cpu: z.string().optional(), memory: z.string().optional() });
const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z.array(EnvVar).default([]),
  volumeMounts: z.array(Mount).default([]),
  resources: z.looseObject({ requests: Amounts.optional(), limits: Amounts.optional() }).optional(),
  securityContext: z.record(z.string(), z.unknown()).default({}),
});
export type Container = z.output<typeof Container>;

const Items = z.array(z.looseObject({ key: z.string(), path: z.string() }));
const Volume = z.looseObject({
  name: z.string(),
  secret: z.looseObject({ secretName: z.string(), items: Items.default([]) }).optional(),
});
export const PodSpec = z.looseObject({
  containers: z.array(Container).min(1),
  initContainers: z.array(Container).default([]),
  volumes: z.array(Volume).default([]),
  securityContext: z.record(z.string(), z.unknown()).default({}),
});
export type PodSpec = z.output<typeof PodSpec>;
const Workload = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: PodSpec }) }) });

/** The pod of what starts pods, or nothing. */
export const podOf = (manifest: Manifest): PodSpec | undefined => Workload.safeParse(manifest).data?.spec.template.spec;

/** @throws Error for text that is no YAML, or no manifest */
export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return Manifest.parse(document.toJS());
  });

/** Of everything that stands in a folder but kustomizations and what services read themselves. */
export function readManifests(folder: string): Manifest[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !/(kustomization|config)\.yaml$/.test(name))
    .sort();
  return files.flatMap((name) => parseManifests(readFileSync(join(folder, name), 'utf8')));
}

export const titleOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;
