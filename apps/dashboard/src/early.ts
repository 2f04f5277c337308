import { FIRST, THEN } from './early-paths.ts';

// Runs before the page's own scripts, and brings none of them: what the first picture shows is asked for while those are
// still under way.

interface Early {
  /** What was asked for before there was anybody to ask, by its address; once. */
  take(address: string): Promise<Response> | undefined;
  /** Whether everything was asked for, because this browser was let in before. */
  readonly isKnown: boolean;
  /** Who was let in will most likely be let in again: everything is then asked for at once. What was refused is of no use. */
  letIn(isLetIn: boolean): void;
}

declare global {
  interface Window {
    /** Undefined where this script did not come. */
    early?: Early;
  }
}

const KNOWN = 'known';
const answers = new Map<string, Promise<Response>>();
const isKnown = localStorage.getItem(KNOWN) !== null;
for (const path of isKnown ? [FIRST, ...THEN] : [FIRST]) {
  const answer = fetch(path);
  answer.catch(() => undefined); // whoever takes it tells
  answers.set(path, answer);
}

window.early = {
  isKnown,
  take(address) {
    const answer = answers.get(address);
    answers.delete(address);
    return answer;
  },
  letIn(isLetIn) {
    if (isLetIn) return localStorage.setItem(KNOWN, '');
    localStorage.removeItem(KNOWN);
    answers.clear();
  },
};
