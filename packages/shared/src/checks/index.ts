export { bad, type Finding, ok, warn } from './finding.ts';
export { checkDataDir, checkRepos } from './host.ts';
export { checkPlane } from './plane.ts';
export { checkAgents, checkPrograms } from './programs.ts';
export { checkRedisServers } from './redis.ts';
export { checkWebhooks } from './webhooks.ts';
