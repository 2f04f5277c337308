import type { Logger } from '@pco/shared/log';
import { type OutputLog, openOutputLog } from './output-log.ts';

export interface SharedLog extends Disposable {
  readonly output: OutputLog;
}
export type OutputLogs = ReturnType<typeof createOutputLogs>;

/** One reader per recording while anybody looks at it, however many do. */
export function createOutputLogs(log: Logger) {
  const open = new Map<string, { output: OutputLog; users: number }>();
  return {
    get size(): number {
      return open.size;
    },
    isOpen: (folder: string): boolean => open.has(folder),
    acquire(folder: string): SharedLog {
      const entry = open.get(folder) ?? { output: openOutputLog(folder, log), users: 0 };
      open.set(folder, entry);
      entry.users++;
      let isReleased = false;
      return {
        output: entry.output,
        [Symbol.dispose]() {
          if (isReleased) return;
          isReleased = true;
          entry.users--;
          if (entry.users > 0) return;
          open.delete(folder);
          entry.output[Symbol.dispose]();
        },
      };
    },
  };
}
