import { unwatchFile, watchFile } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { configFile, type Source } from './load.ts';
import { applyReload, configState } from './reload.ts';

/** A look at one file costs nothing, and unlike a notification it works over links, mounts and editors that rename. */
const LOOK_MS = 1_000;

export interface ConfigWatch extends Disposable {
  /** Reads the file now, as after SIGHUP. */
  reload(): void;
}

/**
 * Reads the configuration again when its file changes. A file with faults is not used: the old configuration stays,
 * which the log, `/health` and the metrics say until the file is mended.
 */
export function watchConfig<Live extends object>(
  source: Source,
  read: (source: Source) => Live,
  live: Live,
  { log, onChange = () => {} }: { readonly log: Logger; readonly onChange?: () => void },
): ConfigWatch {
  const state = configState(live);
  const reload = (): void => {
    try {
      const { changed, needRestart } = applyReload(live, read(source));
      const isMended = state.refused !== null;
      Object.assign(state, { refused: null, needRestart, lastReloadAt: Date.now() });
      state.reloads += 1;
      if (changed.length > 0) state.version += 1;
      if (changed.length > 0 || isMended) log.info({ event: 'config.reloaded', changed }, 'configuration reloaded');
      if (needRestart.length > 0)
        log.warn({ event: 'config.restart-needed', keys: needRestart }, 'changes that count from the next start');
      onChange();
    } catch (err) {
      state.refused = messageOf(err);
      state.refusals += 1;
      const why = state.refused;
      log.error({ event: 'config.refused', why }, 'the changed configuration has faults, the old one stays');
    }
  };
  const file = configFile(source);
  const listener = () => reload();
  if (file !== undefined) watchFile(file, { interval: LOOK_MS, persistent: false }, listener);
  return {
    reload,
    [Symbol.dispose]() {
      if (file !== undefined) unwatchFile(file, listener);
    },
  };
}
