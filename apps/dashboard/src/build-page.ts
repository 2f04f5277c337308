import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export interface PageSources {
  /** Where its `index.html` is. */
  readonly root: string;
  readonly outDir: string;
}

/** Builds a page as the api serves it: scripts and styles in files of their own, named by their content, and compressed beside it. */
export async function buildPage({ root, outDir }: PageSources): Promise<void> {
  process.env.NODE_ENV = 'production'; // tests say otherwise, and React would bring its tools
  // taking longer than to see that nothing changed
  const [{ build }, { default: tailwindcss }] = await Promise.all([import('vite'), import('@tailwindcss/vite')]);
  await build({
    root,
    configFile: false,
    base: BASE,
    logLevel: 'error',
    plugins: [tailwindcss()],
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { output: { codeSplitting: { groups: TOGETHER }, postBanner: hintFor } },
    },
  });
  await compressBeside(outDir);
}

const BASE = '/dashboard/';
/** Each with all that it imports. */
const TOGETHER = [
  // what the page starts with is one file: a browser asks for six at a time, and the first answers are among them
  { name: 'start', test: /\/main\.tsx$/ },
  // what is said to it before it is used runs before every file that uses it
  { name: 'zod', test: /\/zod-without-eval\.ts$/ },
];

/**
 * Schemas are made while somebody may press something. Browsers that know this word compile all of such a file beside the
 * page, and not each function of it when it is called first.
 */
const hintFor = ({ moduleIds }: { readonly moduleIds: readonly string[] }): string =>
  moduleIds.some((id) => id.includes('/node_modules/zod/')) ? '//# allFunctionsCalledOnLoad' : '';

const COMPRESSED: ReadonlySet<string> = new Set(['.js', '.css', '.html', '.svg']);
/** What fits into one packet gains nothing. */
const SMALL_BYTES = 1_400;
/** Nearly as small as with the most effort, in a fifth of the time. */
const EFFORT = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Once, and not with every answer: the api sends the file that the browser understands. */
async function compressBeside(folder: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && COMPRESSED.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(
    files.map(async (file) => {
      const content = readFileSync(file);
      if (content.length < SMALL_BYTES) return;
      const [br, gz] = await Promise.all([
        promisify(brotliCompress)(content, EFFORT),
        promisify(gzip)(content, { level: 9 }),
      ]);
      writeFileSync(`${file}.br`, br);
      writeFileSync(`${file}.gz`, gz);
    }),
  );
}
