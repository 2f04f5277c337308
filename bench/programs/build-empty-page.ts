import { resolve } from 'node:path';
import { buildPage } from '../../apps/dashboard/src/build-page.ts';

// A process of its own: what builds a page stays in memory.

const [, , folder = ''] = process.argv;
await buildPage(resolve(import.meta.dirname, '../empty-page'), folder);
