import { resolve } from 'node:path';
import { buildPage } from '../../apps/dashboard/src/build-page.ts';

// A process of its own: what builds a page stays in memory.

const [, , outDir = ''] = process.argv;
await buildPage({ root: resolve(import.meta.dirname, '../empty-page'), outDir });
