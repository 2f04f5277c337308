import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardSpec, PanelSpec } from './panel.ts';

/** Chosen by whoever looks: the first Prometheus that Grafana knows, unless they say otherwise. */
const DATASOURCE = { type: 'prometheus', uid: '$' + '{datasource}' };
const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;
const GRAPH_WIDTH = 8;
const STAT_WIDTH = 4;

/** Grafana's JSON of one dashboard, as a file of its own has it. */
export function render({ uid, title, description, rows }: DashboardSpec): string {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['plane-claude-orchestrator'])
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .link(
      new dashboard.DashboardLinkBuilder('Others')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['plane-claude-orchestrator'])
        .asDropdown(true),
    );
  for (const row of rows) {
    builder.withRow(new dashboard.RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel.kind === 'stat' ? statPanel(panel) : graphPanel(panel));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function statPanel(spec: PanelSpec): stat.PanelBuilder {
  const panel = new stat.PanelBuilder()
    .height(STAT_HEIGHT)
    .span(spec.width ?? STAT_WIDTH)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  return dressed(panel, spec);
}

function graphPanel(spec: PanelSpec): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .height(GRAPH_HEIGHT)
    .span(spec.width ?? GRAPH_WIDTH)
    .min(0)
    .fillOpacity(10)
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    );
  if (spec.stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  return dressed(panel, spec);
}

/** What both kinds have. */
function dressed<Panel extends stat.PanelBuilder | timeseries.PanelBuilder>(panel: Panel, spec: PanelSpec): Panel {
  panel.title(spec.title).unit(spec.unit).datasource(DATASOURCE).thresholds(thresholdsOf(spec));
  if (spec.description) panel.description(spec.description);
  for (const [index, { expr, legend }] of spec.queries.entries())
    panel.withTarget(
      new prometheus.DataqueryBuilder()
        .refId(String.fromCharCode('A'.charCodeAt(0) + index))
        .datasource(DATASOURCE)
        .expr(expr)
        .legendFormat(legend),
    );
  return panel;
}

function thresholdsOf({ warnFrom, badFrom }: PanelSpec): dashboard.ThresholdsConfigBuilder {
  const steps: dashboard.Threshold[] = [{ value: null, color: 'green' }];
  if (warnFrom !== undefined) steps.push({ value: warnFrom, color: 'yellow' });
  if (badFrom !== undefined) steps.push({ value: badFrom, color: 'red' });
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}
