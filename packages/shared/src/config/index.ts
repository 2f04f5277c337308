export { configFile, readConfig, readSections, type Source } from './load.ts';
export { ENVIRONMENT } from './overrides.ts';
export { type ConfigState, configState } from './reload.ts';
export { RELOADABLE } from './reloadable.ts';
export {
  type AutoApprove,
  type Config,
  type ConfigInput,
  ConfigSchema,
  type Filters,
  type ProjectConfig,
} from './schema.ts';
export { SECRETS, sectionOf } from './secret-files.ts';
export { type ConfigWatch, watchConfig } from './watch.ts';
