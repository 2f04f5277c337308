import type { Terminal } from '@xterm/xterm';

/** Only a person's press leads here: nothing that a program prints reaches the clipboard. */
export function copySelection(term: Terminal): void {
  const selection = term.getSelection();
  if (selection === '') return;
  // without TLS a browser has no clipboard to write to; it still copies what is selected
  if (navigator.clipboard) void navigator.clipboard.writeText(selection).catch(() => copySelected(term));
  else copySelected(term);
}

/** What is selected, or everything. */
export function copyText(term: Terminal): void {
  const isPartial = term.hasSelection();
  if (!isPartial) term.selectAll();
  copySelection(term);
  if (!isPartial) term.clearSelection();
}

function copySelected(term: Terminal): void {
  term.focus();
  document.execCommand('copy'); // answered by xterm
}
