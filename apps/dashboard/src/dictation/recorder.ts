import { openMeter } from './meter.ts';

export interface Recorder {
  /** How loud it is just now, 0 to 1. */
  level(): number;
  /** Ends it and gives what was said. */
  finish(): Promise<Blob>;
  /** The microphone is let go, and nothing is kept. */
  discard(): void;
}

/** Browsers differ in what they write; the service reads all of these. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
/** Enough for speech: ten minutes are 2.4 MB. */
const BITS_PER_SECOND = 32_000;
const PIECE_MS = 1_000;

/**
 * Asks for the microphone, as the browser asks the person, and records.
 *
 * @throws whatever the browser says, and when it was given up meanwhile
 */
export async function startRecorder(signal: AbortSignal): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const letGo = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) {
    letGo();
    throw signal.reason;
  }
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, {
    ...(mimeType === undefined ? {} : { mimeType }),
    audioBitsPerSecond: BITS_PER_SECOND,
  });
  const pieces: Blob[] = [];
  const stopped = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve(), { once: true }));
  recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data));
  recorder.start(PIECE_MS);
  const meter = openMeter(stream);
  const end = () => {
    if (recorder.state !== 'inactive') recorder.stop(); // it is when its microphone was pulled out
    meter.close();
    letGo();
  };
  return {
    level: meter.level,
    async finish() {
      end();
      await stopped;
      return new Blob(pieces, { type: recorder.mimeType });
    },
    discard: end,
  };
}
