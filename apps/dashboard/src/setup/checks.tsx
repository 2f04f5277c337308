import type { SetupCheck, Setup as SetupState } from '@pco/shared/contracts/http';
import { Section } from '../parts/section.tsx';
import { text } from '../text/index.ts';
import { Mark } from './mark.tsx';

/** What was looked at in one place. */
export function Checks({ group: { of, runner, checks } }: { readonly group: SetupState['groups'][number] }) {
  const name = text.setup.groups[of];
  return (
    <Section title={runner ? `${name} ${runner}` : name}>
      <ul className="overflow-hidden rounded-lg border border-line bg-surface">
        {checks.map((check) => (
          <Check key={`${check.what} ${check.detail}`} check={check} />
        ))}
      </ul>
    </Section>
  );
}

const Check = ({ check: { level, what, detail, mend } }: { readonly check: SetupCheck }) => (
  <li className="flex gap-3 border-line px-4 py-3 text-sm not-last:border-b">
    <Mark level={level} />
    <div className="grid min-w-0 flex-1 gap-1 md:grid-cols-[10rem_1fr] md:gap-x-4">
      <span className="font-medium">{what}</span>
      <span className="min-w-0 wrap-anywhere text-quiet">{detail}</span>
      {mend ? (
        <p className="min-w-0 wrap-anywhere md:col-start-2">
          <span className="font-medium">{text.setup.mend}</span> {mend}
        </p>
      ) : null}
    </div>
  </li>
);
