import { writeFileSync } from 'node:fs';
import { RULES_FILE, renderRules } from './rules.ts';

// `npm run kubernetes`, after a change of infra/prometheus/rules.yml. A test compares.
writeFileSync(RULES_FILE, renderRules());
