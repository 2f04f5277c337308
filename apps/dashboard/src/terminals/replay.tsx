import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Empty, Loading } from '../parts/states.tsx';
import { text } from '../text/index.ts';
import { Player } from './player.tsx';

/** The recordings of a ticket's sessions, the latest first; as high as what it stands in. */
export function Replay({ ticketId }: { readonly ticketId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['ticket', ticketId, 'recordings'],
    queryFn: () => call('recordings', { params: { ticketId } }),
  });
  const [chosen, setChosen] = useState<string>();
  if (!data) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />;
  const recordings = data.toReversed();
  const recording = recordings.find(({ name }) => name === chosen) ?? recordings[0];
  const words = text.terminals;
  if (!recording)
    return (
      <Empty title={words.noRecordings}>
        <p>{words.noRecordingsMore}</p>
      </Empty>
    );
  const choice =
    recordings.length > 1 ? (
      <select
        aria-label={words.recording}
        className="min-h-9 min-w-0 rounded-md border border-line bg-surface px-2 text-sm touch:min-h-11"
        value={recording.name}
        onChange={({ target }) => setChosen(target.value)}
      >
        {recordings.map(({ name, session_id: session, started_at: startedAt }) => (
          <option key={name} value={name}>
            {words.recordingOf(session, new Date(startedAt).toLocaleString())}
          </option>
        ))}
      </select>
    ) : null;
  return (
    <Player
      key={recording.name}
      ticketId={ticketId}
      sessionId={recording.session_id}
      recording={recording.name}
      choice={choice}
    />
  );
}
