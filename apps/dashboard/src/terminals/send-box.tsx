import type { Terminal } from '@xterm/xterm';
import { useRef, useState } from 'react';
import { DictateButton } from '../dictation/dictate-button.tsx';
import { DictationStatus } from '../dictation/dictation-status.tsx';
import { useDictationInto } from '../dictation/use-dictation-into.ts';
import { Button } from '../parts/button.tsx';
import { FIELD } from '../parts/field.ts';
import { useCanDictate } from '../shell/me.tsx';
import { text } from '../text/index.ts';
import type { LiveSession } from './live-session.ts';

/** Most programs show what is pasted; the others show something after Enter. */
const ECHO_MS = 1_000;
const ANSWER_MS = 5_000;

interface SendBoxProps {
  readonly session: LiveSession;
  readonly term: Terminal;
  readonly isLive: boolean;
}

/**
 * Text of many lines as one paste, and then Enter, as a person would do it. What is written stays until the terminal has
 * shown something of it.
 */
export function SendBox({ session, term, isLive }: SendBoxProps) {
  const [given, setGiven] = useState('');
  const [fate, setFate] = useState<'none' | 'sending' | 'unseen'>('none');
  const isOff = !isLive || fate === 'sending' || given.trim() === '';
  const send = async () => {
    setFate('sending');
    const echo = session.nextOutput(ECHO_MS);
    term.paste(given);
    const isEchoed = await echo;
    const answer = session.nextOutput(ANSWER_MS);
    session.type('\r'); // apart from the paste, of which it would be a part
    const isShown = isEchoed || (await answer);
    if (isShown) setGiven('');
    setFate(isShown ? 'none' : 'unseen');
  };
  const field = useRef<HTMLTextAreaElement>(null);
  const dictation = useDictationInto(field, setGiven);
  const canDictate = useCanDictate();
  const words = text.terminals;
  return (
    <form
      className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 gap-y-1 border-t border-line p-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOff) void send();
      }}
    >
      <textarea
        ref={field}
        className={`${FIELD} max-h-40 resize-none field-sizing-content`}
        aria-label={words.sendLabel}
        title={words.sendLabel}
        placeholder={words.sendPlaceholder}
        dir="auto"
        rows={1}
        value={given}
        onChange={({ target }) => setGiven(target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="flex items-end gap-2">
        {canDictate ? <DictateButton dictation={dictation} /> : null}
        <Button type="submit" look="primary" disabled={isOff}>
          {fate === 'sending' ? words.sending : words.send}
        </Button>
      </div>
      <div className="col-span-2">
        {canDictate ? <DictationStatus dictation={dictation} /> : null}
        {fate === 'unseen' ? (
          <p role="alert" className="text-sm text-warn">
            {words.notSeen}
          </p>
        ) : null}
      </div>
    </form>
  );
}
