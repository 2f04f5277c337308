/**
 * The digits that answer a question, as they stand in its words: `Which one? (1 this, 2 that)`. What each means is read
 * there, so the buttons carry the digits alone.
 */
export function choicesIn(question: string): readonly string[] {
  const digits: string[] = [];
  let from = question.indexOf(' (1 ');
  while (from >= 0 && digits.length < 9) {
    digits.push(String(digits.length + 1));
    from = question.indexOf(`, ${digits.length + 1} `, from + 1);
  }
  return digits;
}
