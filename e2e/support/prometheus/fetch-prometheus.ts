import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { run, which } from '@pco/shared/run-program';

const FOLDER = resolve(import.meta.dirname, '../../../.cache/prometheus');

/**
 * The folder with `prometheus` and `promtool`: those of this system, else Debian's package, unpacked and not installed,
 * because installing it would also start a server.
 *
 * @returns undefined where there is none to be had; the tests that need it are skipped then, and say so
 */
export async function fetchPrometheus(say: (text: string) => void): Promise<string | undefined> {
  const [own, tool] = [which('prometheus'), which('promtool')];
  if (own && tool && dirname(own) === dirname(tool)) return dirname(own);
  const unpacked = join(FOLDER, 'usr/bin');
  if (existsSync(join(unpacked, 'promtool'))) return unpacked;
  if (!which('apt-get') || !which('dpkg-deb')) return undefined;
  say('fetching Prometheus for the tests (a package of this system, unpacked into .cache) …');
  mkdirSync(FOLDER, { recursive: true });
  const script = 'apt-get -q download prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb';
  const ran = await run('sh', ['-c', `cd "$1" && ${script}`, 'sh', FOLDER]);
  return ran.ok && existsSync(join(unpacked, 'promtool')) ? unpacked : undefined;
}
