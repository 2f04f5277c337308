import '../zod-without-eval.ts';

import { TicketRow } from '@pco/shared/contracts/http/ticket-list';
import { Search } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { FIELD } from '../parts/field.ts';
import { useProjects } from '../parts/use-projects.ts';
import { text } from '../text/index.ts';
import { type Filter, toggled } from './filter.ts';

const STATUSES = TicketRow.shape.status.options;

interface FilterBarProps {
  readonly filter: Filter;
  onChoose(filter: Filter): void;
}

export const FilterBar = ({ filter, onChoose }: FilterBarProps) => (
  <search className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
    <div className="flex gap-2">
      <SearchField given={filter.text} onSearch={(words) => onChoose({ ...filter, text: words })} />
      <ProjectChoice filter={filter} onChoose={onChoose} />
    </div>
    <fieldset
      aria-label={text.tickets.statuses}
      className="-mx-4 flex min-w-0 gap-1.5 overflow-x-auto px-4 py-1 md:flex-wrap"
    >
      <Chip isOn={filter.statuses.length === 0} onPress={() => onChoose({ ...filter, statuses: [] })}>
        {text.tickets.everyStatus}
      </Chip>
      {STATUSES.map((status) => (
        <Chip
          key={status}
          isOn={filter.statuses.includes(status)}
          onPress={() => onChoose({ ...filter, statuses: toggled(filter.statuses, status) })}
        >
          {text.statuses[status]}
        </Chip>
      ))}
    </fieldset>
  </search>
);

interface ChipProps {
  readonly isOn: boolean;
  readonly children: string;
  onPress(): void;
}

const Chip = ({ isOn, onPress, children }: ChipProps) => (
  <button
    type="button"
    aria-pressed={isOn}
    onClick={onPress}
    className={`min-h-7 shrink-0 rounded-full border px-2.5 text-xs whitespace-nowrap touch:min-h-10 touch:px-3.5 ${isOn ? 'border-accent bg-accent/12 text-accent' : 'border-line bg-surface text-quiet hover:bg-raised'}`}
  >
    {children}
  </button>
);

const PAUSE_MS = 200; // between the last letter and the search

/** While somebody writes, what is written stands there, blanks and all; afterwards what the address says. */
function SearchField({ given, onSearch }: { readonly given: string; onSearch(words: string): void }) {
  const [typed, setTyped] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  useSlash(field);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => latest.current(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label className="relative min-w-0 flex-1">
      <span className="sr-only">{text.tickets.search}</span>
      <Search size={16} aria-hidden className="absolute top-1/2 left-3 -translate-y-1/2 text-quiet" />
      <input
        ref={field}
        type="search"
        dir="auto"
        className={`${FIELD} pl-9`}
        placeholder={text.tickets.searchHint}
        maxLength={200}
        value={typed ?? given}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={() => {
          if (typed !== undefined) onSearch(typed);
          setTyped(undefined);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </label>
  );
}

/** `/` goes to the search, as people know it; not while they write. */
function useSlash(field: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest('input, textarea, select')) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [field]);
}

/** One project needs no choice. */
function ProjectChoice({ filter, onChoose }: FilterBarProps) {
  const { data: projects = [] } = useProjects();
  if (projects.length < 2 && !filter.project) return null;
  const identifiers = new Set([
    ...projects.map(({ identifier }) => identifier),
    ...(filter.project ? [filter.project] : []),
  ]);
  return (
    <select
      aria-label={text.tickets.project}
      className={`${FIELD} w-auto max-w-44`}
      value={filter.project}
      onChange={({ target }) => onChoose({ ...filter, project: target.value })}
    >
      <option value="">{text.tickets.everyProject}</option>
      {[...identifiers].map((identifier) => (
        <option key={identifier} value={identifier}>
          {identifier}
        </option>
      ))}
    </select>
  );
}
