export { configFile, ENVIRONMENT, readConfig, type Source } from './load.ts';
export {
  type AutoApprove,
  type Config,
  type ConfigInput,
  ConfigSchema,
  type Filters,
  type ProjectConfig,
} from './schema.ts';
