import type { Config } from '@pco/shared/config';
import type { Core } from '@pco/shared/engine';
import type { Logger } from '@pco/shared/log';
import type { Stays } from './access/stays.ts';
import type { EventHub } from './events/hub.ts';
import type { Feed } from './feed.ts';
import type { Lists } from './read-model/lists.ts';
import type { ReadModel } from './read-model/read-model.ts';
import type { Surroundings } from './read-model/surroundings.ts';

/** What every route works with. */
export interface ApiContext {
  readonly config: Config;
  readonly core: Core;
  readonly feed: Feed;
  readonly model: ReadModel;
  readonly around: () => Promise<Surroundings>;
  readonly lists: Lists;
  readonly events: EventHub;
  readonly stays: Stays;
  readonly log: Logger;
}
