import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');
/** Services of other makers that we make a stand-in for. Nothing stands in for Grafana and certbot: they are left out. */
const OF_OTHERS = { prometheus: 'PROMETHEUS_IMAGE', whisper: 'WHISPER_IMAGE' } as const;
const Compose = z.object({ services: z.record(z.string(), z.object({ image: z.string() })) });

export interface Images {
  /** For compose. */
  readonly env: Readonly<Record<string, string>>;
  readonly standIns: readonly string[];
}

/** Images of other makers as the compose file names them where this machine has them, else stand-ins from Debian's packages. */
export async function imagesOfOthers(docker: (...args: string[]) => Promise<string>): Promise<Images> {
  const { services } = Compose.parse(parse(readFileSync(join(ROOT, 'infra/compose.yaml'), 'utf8'), { merge: true }));
  const env: Record<string, string> = {};
  for (const [name, variable] of Object.entries(OF_OTHERS)) {
    const shipped = /:-(.+)\}$/.exec(services[name]?.image ?? '')?.[1] ?? '';
    const isHere = await docker('image', 'inspect', shipped).catch(() => undefined);
    if (isHere !== undefined) continue;
    const tag = `pco-test-${name}`;
    const folder = import.meta.dirname;
    await docker('build', '--quiet', '--file', join(folder, `${name}.Dockerfile`), '--tag', tag, folder);
    env[variable] = tag;
  }
  return { env, standIns: Object.values(env) };
}
