export type { FaultSpec } from './control/faults.ts';
export type { HeldRequest, HoldSpec, Release } from './control/holds.ts';
export type { ItemBatch, ItemEdit, ItemRef, NewComment, NewItem, NewProject, ProjectRef } from './control/human.ts';
export type { RequestEntry, RequestFilter } from './control/request-log.ts';
export type { CommentDump, ItemDump } from './control/state-dump.ts';
export {
  type Control,
  createPlaneEmulator,
  DEFAULT_API_KEY,
  DEFAULT_SLUG,
  type EmulatorOptions,
  type PlaneEmulator,
  type Seed,
} from './emulator.ts';
export type { Settings, SettingsChange } from './settings.ts';
