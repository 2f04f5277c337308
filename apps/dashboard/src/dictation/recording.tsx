import { useEffect, useRef, useState } from 'react';
import { FIELD } from '../parts/field.ts';
import { clockTime } from '../terminals/clock-time.ts';
import { text } from '../text/index.ts';
import { keepLanguage, LANGUAGES, readLanguage } from './language.ts';
import type { Recorder } from './recorder.ts';

const WORDS: Readonly<Record<string, string>> = text.dictation.languages;

/** That it records, for how long, that it hears something, and what is spoken. */
export function Recording({ recorder }: { readonly recorder: Recorder }) {
  const [language, setLanguage] = useState(readLanguage);
  return (
    <>
      <p className="flex items-center gap-2">
        <span className="size-2.5 animate-pulse rounded-full bg-bad" aria-hidden />
        <span role="status">{text.dictation.recording}</span>
        <Elapsed />
      </p>
      <Level recorder={recorder} />
      <select
        className={`${FIELD} w-auto! min-w-0 max-w-44`}
        aria-label={text.dictation.language}
        value={language}
        onChange={({ target }) => {
          keepLanguage(target.value);
          setLanguage(target.value);
        }}
      >
        {LANGUAGES.map((one) => (
          <option key={one} value={one}>
            {WORDS[one]}
          </option>
        ))}
      </select>
    </>
  );
}

function Elapsed() {
  const [ms, setMs] = useState(0);
  useEffect(() => {
    const began = performance.now();
    const timer = window.setInterval(() => setMs(performance.now() - began), 250);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <span className="tabular-nums" aria-hidden>
      {clockTime(ms)}
    </span>
  );
}

/** Moves beside React: it changes with every frame. */
function Level({ recorder }: { readonly recorder: Recorder }) {
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      if (bar.current) bar.current.style.transform = `scaleX(${recorder.level()})`;
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [recorder]);
  return (
    <span className="h-1.5 w-20 overflow-hidden rounded-full bg-raised" data-level aria-hidden>
      <span ref={bar} className="block h-full origin-left rounded-full bg-good" />
    </span>
  );
}
