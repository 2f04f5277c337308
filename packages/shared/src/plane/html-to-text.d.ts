/** The package brings no types; this is the part that is used here. */
declare module 'html-to-text' {
  interface Element {
    readonly children: readonly Element[];
    readonly attribs?: Readonly<Record<string, string>>;
    /** Of a text node. */
    readonly data?: string;
  }
  interface Builder {
    addLiteral(text: string): void;
    openBlock(options: { leadingLineBreaks?: number; isPre?: boolean }): void;
    closeBlock(options: { trailingLineBreaks?: number }): void;
  }
  export type Formatter = (
    element: Element,
    walk: (children: readonly Element[], builder: Builder) => void,
    builder: Builder,
  ) => void;
  interface Options {
    readonly formatters?: Readonly<Record<string, Formatter>>;
    readonly wordwrap?: number | false | null;
    readonly limits?: {
      readonly maxInputLength?: number;
      readonly maxDepth?: number;
      readonly maxChildNodes?: number;
      readonly ellipsis?: string;
    };
    readonly selectors?: readonly {
      readonly selector: string;
      readonly format?: string;
      readonly options?: Readonly<Record<string, unknown>>;
    }[];
  }
  export function compile(options?: Options): (html: string) => string;
}
