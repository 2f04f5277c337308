import { Mic, Square, X } from 'lucide-react';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import type { Dictation } from './use-dictation.ts';

/** One button for all of it, so that it keeps the focus: begins, ends, or gives up what takes long. */
export function DictateButton({ dictation: { state, begin, finish, cancel } }: { readonly dictation: Dictation }) {
  const { dictate, done } = text.dictation;
  switch (state.phase) {
    case 'recording':
      return (
        <Button key="dictate" onClick={finish}>
          <Square size={12} className="fill-bad text-bad" aria-hidden />
          {done}
        </Button>
      );
    case 'asking':
    case 'transcribing':
      return (
        <Button key="dictate" onClick={cancel}>
          <X size={16} aria-hidden />
          {text.cancel}
        </Button>
      );
    default:
      return (
        <Button key="dictate" look="quiet" square aria-label={dictate} title={dictate} onClick={begin}>
          <Mic size={16} aria-hidden />
        </Button>
      );
  }
}
