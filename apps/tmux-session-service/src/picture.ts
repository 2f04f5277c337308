/** Names of tmux formats, in the order in which PICTURE_FORMAT asks for them. */
const FACTS = [
  ...['pane_width', 'pane_height', 'cursor_x', 'cursor_y', 'cursor_flag', 'alternate_on', 'insert_flag', 'wrap_flag'],
  ...['origin_flag', 'keypad_cursor_flag', 'keypad_flag', 'scroll_region_upper', 'scroll_region_lower'],
  ...['mouse_standard_flag', 'mouse_button_flag', 'mouse_all_flag', 'mouse_utf8_flag', 'mouse_sgr_flag'],
] as const;
type Fact = (typeof FACTS)[number];

export const PICTURE_FORMAT = FACTS.map((name) => `#{${name}}`).join(' ');

/** What a pane shows at one moment. */
export interface Picture {
  readonly facts: Readonly<Record<Fact, number>>;
  /** Scrollback and screen, with colours, a line each. */
  readonly text: string;
}

export function parsePictureFacts(text: string): Pick<Picture, 'facts'> {
  const values = text.split(' ').map(Number);
  // every name has its value, in the order asked for
  return { facts: Object.fromEntries(FACTS.map((name, index) => [name, values[index] ?? 0])) as Record<Fact, number> };
}

/**
 * What brings a fresh terminal of the same size into the state of the pane: screen, cursor and modes. What tmux does not
 * tell is left out: the colour that the next character would have, and tab stops.
 */
export function paintingOf({ facts, text }: Picture, isPasteBracketed: boolean): string {
  const mode = (isOn: boolean, name: string) => (isOn ? `\u001b[${name}h` : '');
  const before = `\u001bc\u001b)0${mode(facts.alternate_on === 1, '?1049')}`;
  const region =
    facts.scroll_region_upper === 0 && facts.scroll_region_lower === facts.pane_height - 1
      ? ''
      : `\u001b[${facts.scroll_region_upper + 1};${facts.scroll_region_lower + 1}r`;
  const modes = [
    mode(facts.insert_flag === 1, '4'),
    facts.wrap_flag === 0 ? '\u001b[?7l' : '',
    mode(facts.keypad_cursor_flag === 1, '?1'),
    facts.keypad_flag === 1 ? '\u001b=' : '',
    mode(facts.mouse_standard_flag === 1, '?1000'),
    mode(facts.mouse_button_flag === 1, '?1002'),
    mode(facts.mouse_all_flag === 1, '?1003'),
    mode(facts.mouse_utf8_flag === 1, '?1005'),
    mode(facts.mouse_sgr_flag === 1, '?1006'),
    mode(isPasteBracketed, '?2004'),
    facts.cursor_flag === 0 ? '\u001b[?25l' : '',
  ].join('');
  // Both the region and the origin mode move the cursor, so it comes last; in origin mode rows count from the region.
  const isOrigin = facts.origin_flag === 1;
  const row = facts.cursor_y + 1 - (isOrigin ? facts.scroll_region_upper : 0);
  const cursor = `${isOrigin ? '\u001b[?6h' : ''}\u001b[${row};${facts.cursor_x + 1}H`;
  return `${before}${text.replaceAll('\n', '\r\n')}\u001b[m${region}${modes}${cursor}`;
}
