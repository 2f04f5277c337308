export { configFile, ENVIRONMENT, readConfig, type Source } from './load.ts';
export { type Config, type ConfigInput, ConfigSchema, type ProjectConfig } from './schema.ts';
