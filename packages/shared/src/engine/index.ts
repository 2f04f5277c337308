export { type Answer, type Apply, createApply, type PolicyOf, type ProjectRef } from './apply.ts';
export { type Core, openCore, redisReadiness } from './core.ts';
export { createDispatch } from './dispatch.ts';
export { every, type Loop } from './every.ts';
export { createEffectHandle, type EffectHandler, type EffectHandlers, type EffectResult, type Work } from './handle.ts';
export { openPlane } from './plane.ts';
export { createPolicies, projectSection } from './policies.ts';
export { startRetention } from './retention.ts';
export { startSweep, sweepOnce } from './sweep.ts';
