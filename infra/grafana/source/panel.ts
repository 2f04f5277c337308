/** What a panel asks and how it shows the answer; `render.ts` makes Grafana's JSON of it. */
export interface PanelSpec {
  readonly title: string;
  /** For whoever looks at it at three in the morning: what it means, and what is to be done. */
  readonly description?: string;
  /** A line over time, or one number of now. */
  readonly kind: 'graph' | 'stat';
  /** Of the values, as Grafana calls it. */
  readonly unit: 'short' | 's' | 'bytes' | 'percentunit' | 'ops' | 'reqps' | 'cpm' | 'currencyUSD';
  readonly queries: readonly QuerySpec[];
  /** From where on a number is yellow, and red. */
  readonly warnFrom?: number;
  readonly badFrom?: number;
  /** Lines stand on each other: their sum means something. */
  readonly stacked?: boolean;
  /** Columns of 24. */
  readonly width?: number;
}

export interface QuerySpec {
  readonly expr: string;
  /** `{{label}}` stands for a label's value. */
  readonly legend: string;
  /** Has no value until something rare has happened, such as an error. */
  readonly rare?: true;
}

export interface DashboardSpec {
  /** Of its address, and of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
}

type Options = Omit<PanelSpec, 'title' | 'kind' | 'queries' | 'unit'>;

export const graph = (
  title: string,
  unit: PanelSpec['unit'],
  queries: readonly QuerySpec[],
  options: Options = {},
): PanelSpec => ({ title, kind: 'graph', unit, queries, ...options });

export const stat = (title: string, unit: PanelSpec['unit'], expr: string, options: Options = {}): PanelSpec => ({
  title,
  kind: 'stat',
  unit,
  queries: [{ expr, legend: title }],
  ...options,
});

export const line = (expr: string, legend: string): QuerySpec => ({ expr, legend });
/** Of what happens seldom: no value yet is no fault. */
export const rare = (expr: string, legend: string): QuerySpec => ({ expr, legend, rare: true });
