import { useEffect, useRef, useState } from 'react';
import { text } from '../text/index.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { transcribe } from './transcribe.ts';
import { troubleOf, whyNot } from './trouble.ts';

export type DictationState =
  | { readonly phase: 'idle' | 'asking' | 'transcribing' | 'inserted' }
  | { readonly phase: 'recording'; readonly recorder: Recorder }
  /** `recording`: what was said is still there for another try. */
  | { readonly phase: 'failed'; readonly why: string; readonly recording?: Blob };

export interface Dictation {
  readonly state: DictationState;
  begin(): void;
  finish(): void;
  again(): void;
  cancel(): void;
}

/** Nobody dictates longer; who forgot that it records is not recorded for ever. */
const MOST_MS = 10 * 60_000;

/** From the press of the microphone to the words, which are given to the caller and never sent by themselves. */
export function useDictation(onWords: (words: string) => void): Dictation {
  const [state, setState] = useState<DictationState>({ phase: 'idle' });
  const attempt = useRef(new AbortController());
  useEffect(() => () => attempt.current.abort(), []);

  const begin = async () => {
    const why = whyNot();
    if (why !== undefined) return setState({ phase: 'failed', why });
    attempt.current = new AbortController();
    const { signal } = attempt.current;
    setState({ phase: 'asking' });
    try {
      const recorder = await startRecorder(signal);
      signal.addEventListener('abort', recorder.discard, { once: true });
      setState({ phase: 'recording', recorder });
    } catch (err) {
      if (!signal.aborted) setState({ phase: 'failed', why: troubleOf(err) });
    }
  };

  const makeText = async (recorded: Blob | Promise<Blob>) => {
    const { signal } = attempt.current;
    setState({ phase: 'transcribing' });
    const recording = await recorded;
    try {
      const words = (await transcribe(recording, signal)).trim();
      if (signal.aborted) return;
      if (words === '') return setState({ phase: 'failed', why: text.dictation.nothingHeard });
      onWords(words);
      setState({ phase: 'inserted' });
    } catch (err) {
      if (!signal.aborted)
        setState({ phase: 'failed', why: err instanceof Error ? err.message : String(err), recording });
    }
  };

  const finish = () => {
    if (state.phase === 'recording') void makeText(state.recorder.finish());
  };
  const latest = useRef(finish);
  latest.current = finish;
  useEffect(() => {
    if (state.phase !== 'recording') return;
    const timer = window.setTimeout(() => latest.current(), MOST_MS);
    return () => window.clearTimeout(timer);
  }, [state.phase]);

  return {
    state,
    begin: () => void begin(),
    finish,
    again: () => {
      if (state.phase === 'failed' && state.recording) void makeText(state.recording);
    },
    cancel: () => {
      attempt.current.abort();
      setState({ phase: 'idle' });
    },
  };
}
