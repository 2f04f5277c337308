import { join } from 'node:path';
import { z } from 'zod';
import { FOLDER, readManifests } from './manifest.ts';

const Trigger = z.looseObject({
  name: z.string().optional(),
  metadata: z.looseObject({ query: z.string().optional() }),
});
const Scaled = z.looseObject({ spec: z.looseObject({ triggers: z.array(Trigger) }) });

/** What KEDA asks Prometheus, with the place where it stands. */
export const scalingQueries = (): { readonly expr: string; readonly where: string }[] =>
  readManifests(join(FOLDER, 'components/keda')).flatMap((manifest) =>
    Scaled.parse(manifest).spec.triggers.flatMap(({ name = '', metadata: { query } }) =>
      query === undefined ? [] : [{ expr: query, where: `${manifest.metadata.name}: ${name}` }],
    ),
  );
