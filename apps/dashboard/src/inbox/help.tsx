import { Dialog } from '../parts/dialog.tsx';
import { text } from '../text/index.ts';

interface HelpProps {
  readonly isOpen: boolean;
  readonly mayDecide: boolean;
  onClose(): void;
}

/** Which keys there are. */
export const Help = ({ isOpen, mayDecide, onClose }: HelpProps) => (
  <Dialog title={text.inbox.help.title} isOpen={isOpen} onClose={onClose}>
    <dl className="grid grid-cols-[max-content_1fr] items-baseline gap-x-4 gap-y-2 text-sm">
      {[...text.inbox.help.moving, ...(mayDecide ? text.inbox.help.deciding : [])].map(({ keys, what }) => (
        <div key={what} className="contents">
          <dt className="flex gap-1">
            {keys.map((key) => (
              <kbd key={key} className="min-w-6 rounded border border-line bg-raised px-1.5 py-0.5 text-center text-xs">
                {key}
              </kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
