import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The first block of a section of the README, as it stands there.
 *
 * @throws when the README has no such section, or no such block in it
 */
export function commandsOf(root: string, heading: string, language: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const block = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`README.md has no block of ${language} under "${heading}"`);
  return block;
}
