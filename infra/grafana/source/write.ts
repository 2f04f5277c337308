import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DASHBOARDS } from './dashboards.ts';
import { render } from './render.ts';

// Writes the JSON that Grafana loads: `npm run grafana`, after a change beside this file. A test compares.

const FOLDER = resolve(import.meta.dirname, '../dashboards');
for (const dashboard of DASHBOARDS) writeFileSync(resolve(FOLDER, `${dashboard.uid}.json`), render(dashboard));
