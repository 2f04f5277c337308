import { isCode } from '@pco/shared/errors';
import { createAttachedView } from './attached-view.ts';
import type { OutputLogs } from './output-logs.ts';
import { RecordedView } from './recorded-view.ts';
import type { Recordings } from './recordings.ts';
import type { SessionRecord } from './session-record.ts';
import type { Sessions } from './sessions.ts';
import type { Tmux } from './tmux.ts';
import type { View, Viewport } from './viewport.ts';
import type { WindowSize } from './window-control.ts';

export interface ViewRequest {
  readonly size: WindowSize;
  readonly canType: boolean;
  readonly from: number | undefined;
  readonly recording: string | undefined;
  readonly viewport: Viewport;
}
export interface FoundView {
  readonly view: View;
  readonly recording: string | null;
}
export interface ViewOfOptions {
  readonly tmux: Tmux;
  readonly sessions: Sessions;
  readonly recordings: Recordings;
  readonly logs: OutputLogs;
  readonly home: string;
}
export type ViewOf = ReturnType<typeof createViewOf>;

/** Chooses how a session is shown: by its recording, or, where that would not be the picture, through a tmux client. */
export function createViewOf({ tmux, sessions, recordings, logs, home }: ViewOfOptions) {
  return async (session: SessionRecord, request: ViewRequest): Promise<FoundView> => {
    const { sessionId: id, recording } = session;
    const { size, canType, viewport } = request;
    if (recording !== null && (await tmux.isRecorded(id))) {
      const shared = logs.acquire(recordings.folder(recording));
      if (!shared.output.isOver) {
        const isOther = request.recording !== undefined && request.recording !== recording;
        // a number of another recording is as good as one that is not kept
        const from = isOther ? -1 : request.from;
        const isAlive = () => isActive(sessions, id);
        return { view: new RecordedView({ id, tmux, shared, from, viewport, isAlive }), recording };
      }
      shared[Symbol.dispose]();
    }
    return { view: createAttachedView({ id, tmux, home, size, canType, viewport }), recording: null };
  };
}

async function isActive(sessions: Sessions, id: string): Promise<boolean> {
  try {
    return (await sessions.get(id)).active;
  } catch (err) {
    if (isCode(err, 'SESSION_NOT_FOUND')) return false;
    throw err;
  }
}
