import type { Terminal } from '@xterm/xterm';
import { Settings2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import { keysFor, parseKept, type QuickKey } from './key-notation.ts';
import type { LiveSession } from './live-session.ts';
import { QuickKeysEditor } from './quick-keys-editor.tsx';

const KEY = 'terminal.quick-keys';

interface QuickKeysProps {
  readonly session: LiveSession;
  readonly term: Terminal;
}

/** Keys that a phone does not have, and those that a person has added (B-205). */
export function QuickKeys({ session, term }: QuickKeysProps) {
  const [keys, setKeys] = useState(() => parseKept(localStorage.getItem(KEY)));
  const [isEditing, setEditing] = useState(false);
  const keep = (changed: readonly QuickKey[] | undefined) => {
    if (changed) localStorage.setItem(KEY, JSON.stringify(changed));
    else localStorage.removeItem(KEY);
    setKeys(parseKept(localStorage.getItem(KEY)));
  };
  return (
    <div
      role="toolbar"
      aria-label={text.terminals.quickKeys}
      className="flex items-center gap-1 overflow-x-auto border-t border-line px-2 py-1.5"
    >
      {keys.map(({ label, keys: notation }, index) => (
        <Button
          // biome-ignore lint/suspicious/noArrayIndexKey: the same key may stand there twice
          key={index}
          className="shrink-0 font-mono text-xs"
          // the keyboard of a phone stays as it is
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => session.type(keysFor(notation, term.modes.applicationCursorKeysMode))}
        >
          {label}
        </Button>
      ))}
      <Button
        look="quiet"
        square
        className="shrink-0"
        aria-label={text.terminals.editKeys}
        title={text.terminals.editKeys}
        onClick={() => setEditing(true)}
      >
        <Settings2 size={16} aria-hidden />
      </Button>
      <QuickKeysEditor keys={keys} isOpen={isEditing} onChange={keep} onClose={() => setEditing(false)} />
    </div>
  );
}
