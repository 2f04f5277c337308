import { readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parse } from 'yaml';
import { schemasOfCustomResource, schemasOfKubernetes } from './strict-schema.ts';

// Makes the schemas of ../schemas, whose README says from which files:
//   node infra/kubernetes/source/vendor-schemas.ts swagger.json crd.yaml …

const FOLDER = resolve(import.meta.dirname, '../schemas');

/** Of Kubernetes itself, only what our manifests use. */
const KINDS = [
  'io.k8s.api.core.v1.ConfigMap',
  'io.k8s.api.core.v1.Namespace',
  'io.k8s.api.core.v1.Service',
  'io.k8s.api.core.v1.ServiceAccount',
  'io.k8s.api.apps.v1.Deployment',
  'io.k8s.api.apps.v1.StatefulSet',
  'io.k8s.api.networking.v1.Ingress',
  'io.k8s.api.networking.v1.NetworkPolicy',
  'io.k8s.api.policy.v1.PodDisruptionBudget',
];

for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  const isSwagger = basename(file).endsWith('.json');
  const made = isSwagger ? schemasOfKubernetes(JSON.parse(text), KINDS) : schemasOfCustomResource(parse(text));
  for (const [name, schema] of Object.entries(made)) {
    // a definition a line: an update can be read
    const lines = JSON.stringify(schema).replaceAll('},"io.k8s.', '},\n"io.k8s.');
    writeFileSync(resolve(FOLDER, `${name}.json`), `${lines}\n`);
  }
}
