/** `external_source` of everything that this product writes to Plane. */
export const OWN_SOURCE = 'plane-claude-orchestrator';
