import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { FOLDER } from './manifest.ts';

const SOURCE = resolve(FOLDER, '../prometheus/rules.yml');
export const RULES_FILE = resolve(FOLDER, 'components/monitoring/rules.yaml');
const Rules = z.strictObject({ groups: z.array(z.looseObject({ name: z.string() })) });

/** The rules that Prometheus reads itself, in the envelope of the Prometheus Operator. */
export function renderRules(): string {
  const manifest = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'pco' },
    spec: Rules.parse(parse(readFileSync(SOURCE, 'utf8'))),
  };
  const head = '# Written by `npm run kubernetes` from infra/prometheus/rules.yml.\n';
  return `${head}${stringify(manifest, { lineWidth: 0 })}`;
}
