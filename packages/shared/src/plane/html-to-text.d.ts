/** The package brings no types; this is the part that is used here. */
declare module 'html-to-text' {
  interface Options {
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
