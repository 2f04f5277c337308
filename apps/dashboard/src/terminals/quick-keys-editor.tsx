import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FIELD } from '../parts/field.ts';
import { text } from '../text/index.ts';
import type { QuickKey } from './key-notation.ts';

interface EditorProps {
  readonly keys: readonly QuickKey[];
  readonly isOpen: boolean;
  /** Undefined: the usual ones again. */
  onChange(keys: readonly QuickKey[] | undefined): void;
  onClose(): void;
}

/** Add, remove, reorder, reset (B-205). Every change counts at once. */
export function QuickKeysEditor({ keys, isOpen, onChange, onClose }: EditorProps) {
  const words = text.terminals;
  return (
    <Dialog title={words.editKeys} isOpen={isOpen} onClose={onClose}>
      <ul className="grid gap-1">
        {keys.map((key, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same key may stand there twice
          <li key={index} className="flex items-center gap-1">
            <span className="min-w-0 flex-1 truncate text-sm">{key.label}</span>
            <code className="min-w-0 flex-1 truncate text-xs text-quiet">{key.keys}</code>
            <Button
              look="quiet"
              square
              aria-label={words.moveUp(key.label)}
              disabled={index === 0}
              onClick={() => onChange(moved(keys, index, index - 1))}
            >
              <ArrowUp size={16} aria-hidden />
            </Button>
            <Button
              look="quiet"
              square
              aria-label={words.moveDown(key.label)}
              disabled={index === keys.length - 1}
              onClick={() => onChange(moved(keys, index, index + 1))}
            >
              <ArrowDown size={16} aria-hidden />
            </Button>
            <Button
              look="quiet"
              square
              aria-label={words.removeKey(key.label)}
              onClick={() => onChange(keys.toSpliced(index, 1))}
            >
              <X size={16} aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <AddKey onAdd={(key) => onChange([...keys, key])} />
      <div className="flex justify-between gap-2">
        <Button onClick={() => onChange(undefined)}>{words.resetKeys}</Button>
        <Button look="primary" onClick={onClose}>
          {words.doneKeys}
        </Button>
      </div>
    </Dialog>
  );
}

function AddKey({ onAdd }: { readonly onAdd: (key: QuickKey) => void }) {
  const [label, setLabel] = useState('');
  const [keys, setKeys] = useState('');
  const words = text.terminals;
  return (
    <form
      className="grid gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd({ label: label.trim(), keys });
        setLabel('');
        setKeys('');
      }}
    >
      <div className="flex gap-2">
        <input
          className={FIELD}
          aria-label={words.keyLabel}
          placeholder={words.keyLabel}
          maxLength={20}
          value={label}
          onChange={({ target }) => setLabel(target.value)}
        />
        <input
          className={`${FIELD} font-mono`}
          aria-label={words.keyKeys}
          placeholder={words.keyKeys}
          maxLength={200}
          value={keys}
          onChange={({ target }) => setKeys(target.value)}
        />
        <Button type="submit" disabled={label.trim() === '' || keys === ''}>
          {words.addKey}
        </Button>
      </div>
      <p className="text-xs text-quiet">{words.notation}</p>
    </form>
  );
}

const moved = (keys: readonly QuickKey[], from: number, to: number): readonly QuickKey[] => {
  const key = keys[from];
  return key ? keys.toSpliced(from, 1).toSpliced(to, 0, key) : keys;
};
