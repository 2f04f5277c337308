import type { RefObject } from 'react';
import { flushSync } from 'react-dom';
import { insertAt } from './insert-at.ts';
import { type Dictation, useDictation } from './use-dictation.ts';

/** What is said comes to where the cursor of this field stands by then, and the field gets the focus. */
export function useDictationInto(
  field: RefObject<HTMLTextAreaElement | null>,
  onChange: (value: string) => void,
): Dictation {
  return useDictation((words) => {
    const { current } = field;
    if (!current) return;
    const { value, cursor } = insertAt(current.value, [current.selectionStart, current.selectionEnd], words);
    flushSync(() => onChange(value)); // the cursor can only stand in what is there
    current.focus();
    current.setSelectionRange(cursor, cursor);
  });
}
