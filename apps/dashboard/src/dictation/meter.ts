export interface Meter {
  /** 0 to 1, just now. */
  level(): number;
  close(): void;
}

const MIDDLE = 128;
/** Speech is seldom louder than a third of what could be. */
const LOUD = 3;

/** How loud a microphone is. */
export function openMeter(stream: MediaStream): Meter {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Uint8Array(analyser.fftSize);
  return {
    level() {
      analyser.getByteTimeDomainData(wave);
      const peak = wave.reduce((most, value) => Math.max(most, Math.abs(value - MIDDLE)), 0);
      return Math.min(1, (LOUD * peak) / MIDDLE);
    },
    close: () => void context.close(),
  };
}
