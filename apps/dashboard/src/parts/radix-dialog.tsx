import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { text } from '../text/index.ts';
import { Button } from './button.tsx';
import type { DialogProps } from './dialog.tsx';

/** Escape, the backdrop and the cross close it; the focus stays inside and comes back. */
export const RadixDialog = ({ title, isOpen, onClose, children, wide = false }: DialogProps) => (
  <Radix.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onClose())}>
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
      <Radix.Content
        aria-describedby={undefined}
        className={`fixed top-1/2 left-1/2 z-50 grid max-h-[90dvh] w-[calc(100vw-2rem)] -translate-1/2 gap-4 overflow-auto rounded-lg border border-line bg-surface p-4 text-ink shadow-xl ${wide ? 'max-w-3xl' : 'max-w-md'}`}
      >
        <Radix.Title className="pr-10 text-base font-semibold wrap-anywhere">{title}</Radix.Title>
        {children}
        {/* last, so that the focus begins with what is asked */}
        <Radix.Close asChild>
          <Button look="quiet" square aria-label={text.close} className="absolute top-2 right-2">
            <X size={16} aria-hidden />
          </Button>
        </Radix.Close>
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
);
