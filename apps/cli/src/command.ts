import type { Status } from '@pco/shared/domain';
import type { Client } from './client.ts';
import type { Io, Output } from './output.ts';

/** What completion offers for a word. */
export type Kind =
  | { readonly of: 'ticket'; readonly among?: readonly Status[] }
  | { readonly of: 'words'; readonly words: readonly string[] }
  | { readonly of: 'project' | 'runner' | 'token' | 'file' | 'text' };

export interface Argument {
  readonly name: string;
  readonly kind: Kind;
  readonly isOptional?: boolean;
  /** All that follows, joined by spaces. */
  readonly isRest?: boolean;
}

export interface Option {
  readonly summary: string;
  /** What stands for its value; an option without one is a switch. */
  readonly value?: string;
  readonly kind?: Kind;
  readonly isMany?: boolean;
  readonly short?: string;
}

/** A command as data: its help, its parsing and its completion are all made from it. */
export interface Command {
  /** One word, or two. */
  readonly name: string;
  readonly summary: string;
  readonly args?: readonly Argument[];
  readonly options?: Readonly<Record<string, Option>>;
  /** Further lines of its help. */
  readonly notes?: string;
  readonly isHidden?: boolean;
  run(given: Given): Promise<void>;
}

/** What was typed, and the world. */
export interface Given {
  readonly io: Io;
  readonly out: Output;
  /** Opened when it is first asked for: not every command needs an api. */
  readonly api: () => Client;
  /** A word that must be there. */
  arg(name: string): string;
  optional(name: string): string | undefined;
  option(name: string): string | undefined;
  many(name: string): readonly string[];
  isSet(name: string): boolean;
  /** The text of an argument, or of the standard input where that is `-` or a pipe. */
  text(name: string): Promise<string | undefined>;
  /** Ends what does not end by itself. */
  readonly stop: AbortSignal;
}

export const ticket = (...among: Status[]): Argument => ({
  name: 'ticket',
  kind: among.length > 0 ? { of: 'ticket', among } : { of: 'ticket' },
});
export const text = (name: string, isOptional = false): Argument => ({
  name,
  kind: { of: 'text' },
  isOptional,
  isRest: true,
});
