export { configFile, readConfig, readSections, type Source } from './load.ts';
export { ENVIRONMENT } from './overrides.ts';
export type { AutoApprove, Filters, ProjectConfig } from './project-sections.ts';
export { type ConfigState, configState } from './reload.ts';
export { RELOADABLE } from './reloadable.ts';
export { type Config, type ConfigInput, ConfigSchema } from './schema.ts';
export { SECRETS, sectionOf } from './secret-files.ts';
export { type ConfigWatch, watchConfig } from './watch.ts';
