// Panel types of the dashboards: those of metrics. Each panel has a title, a description and a unit.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmaps from '@grafana/grafana-foundation-sdk/heatmap';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as timelines from '@grafana/grafana-foundation-sdk/statetimeline';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

import { color, level, type Palette } from './colors.js';
import { query, target, type Query } from './prometheus.js';
import { prometheus } from './sources.js';

export type Panel = Builder<dashboard.Panel>;

/** Unit of counts: 1,500 rather than 1.50 K, which would be 2 K on an axis. */
export const count = 'locale';

/** Options of every panel type. */
export interface About {
  readonly title: string;
  /** Description, which Grafana shows at the title. */
  readonly purpose: string;
  /** In columns, of 24. */
  readonly width: number;
  readonly height?: number;
  /** Text for an empty panel. A panel without it must have data on a healthy platform. */
  readonly none?: string;
}

interface Measured extends About {
  readonly unit: string;
  readonly decimals?: number;
  readonly queries: readonly Query[];
}

/** A threshold and the colour of values from it on. */
export interface Step {
  readonly from: number;
  readonly color: string;
}

export interface Framed {
  title(title: string): this;
  description(description: string): this;
  span(columns: number): this;
  height(rows: number): this;
  datasource(source: common.DataSourceRef): this;
  noValue(text: string): this;
}

/** Gives a panel what all have. A note is added to its title. */
export function frame<P extends Framed>(panel: P, about: About, source = prometheus, note?: string): P {
  panel
    .title(note === undefined ? about.title : `${about.title} (${note})`)
    .description(about.purpose)
    .span(about.width)
    .height(about.height ?? 8)
    .datasource(source);
  return about.none === undefined ? panel : panel.noValue(about.none);
}

export interface Graph extends Measured {
  readonly palette?: Palette;
  /** Thresholds, drawn as dashed lines. */
  readonly limits?: readonly Step[];
  /** Stacks the series, the first at the bottom. */
  readonly stacked?: boolean;
  /** 0 by default; auto is that of the values. */
  readonly min?: number | 'auto';
  readonly max?: number;
  /** Minimum of the upper end of the axis. */
  readonly softMax?: number;
  /** Position of the legend; below the graph by default. */
  readonly legend?: 'right';
  /** Uses a logarithmic axis. */
  readonly logarithmic?: boolean;
  /** Legends of series that are drawn dashed and not stacked. */
  readonly dashed?: readonly string[];
}

/** Values over time. */
export function graph(of: Graph): Panel {
  const panel = frame(new timeseries.PanelBuilder(), of)
    .targets(of.queries.map(target))
    .unit(of.unit)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .lineWidth(1.5)
    .fillOpacity(of.stacked ? 30 : 8)
    .gradientMode(of.stacked ? common.GraphGradientMode.None : common.GraphGradientMode.Opacity)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(10_000)
    .axisBorderShow(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(of.legend === 'right' ? common.LegendPlacement.Right : common.LegendPlacement.Bottom),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (of.min !== 'auto') panel.min(of.min ?? 0);
  if (of.decimals !== undefined) panel.decimals(of.decimals);
  if (of.max !== undefined) panel.max(of.max);
  if (of.softMax !== undefined) panel.axisSoftMax(of.softMax);
  if (of.stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (of.logarithmic) {
    panel.scaleDistribution(
      new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10),
    );
  }
  if (of.limits) {
    panel
      .thresholds(thresholds('transparent', of.limits))
      .thresholdsStyle(
        new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
      );
  }
  const { palette = {}, dashed = [] } = of;
  for (const name of new Set([...Object.keys(palette), ...dashed])) {
    panel.overrideByName(name, [...colored(palette[name]), ...(dashed.includes(name) ? dashes() : [])]);
  }
  return panel;
}

function colored(fixedColor: string | undefined): dashboard.DynamicConfigValue[] {
  return fixedColor === undefined ? [] : [{ id: 'color', value: { mode: 'fixed', fixedColor } }];
}

function dashes(): dashboard.DynamicConfigValue[] {
  return [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.stacking', value: { mode: 'none' } },
  ];
}

export interface Stat extends Measured {
  readonly steps?: readonly Step[];
  readonly max?: number;
  /** Colour below the first step; by default that of good values. */
  readonly plain?: string;
}

/** The latest value with a sparkline. */
export function stat(of: Stat): Panel {
  const panel = frame(new stats.PanelBuilder(), { height: 4, ...of })
    .targets(of.queries.map(target))
    .unit(of.unit)
    .min(0)
    .thresholds(thresholds(of.plain ?? level.good, of.steps ?? []))
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area)
    .justifyMode(common.BigValueJustifyMode.Auto)
    .textMode(of.queries.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
  if (of.decimals !== undefined) panel.decimals(of.decimals);
  return panel;
}

/** A value of a timeline, its text and colour. */
export interface State {
  readonly value: number;
  readonly text: string;
  readonly color: string;
}

export interface Timeline extends About {
  readonly queries: readonly Query[];
  readonly states: readonly State[];
  /** Text for missing values. */
  readonly otherwise?: string;
}

/** States over time. */
export function timeline(of: Timeline): Panel {
  return frame(new timelines.PanelBuilder(), of)
    .targets(of.queries.map(target))
    .unit('none')
    .mappings([
      {
        type: dashboard.MappingType.ValueToText,
        options: Object.fromEntries(
          of.states.map(({ value, text, color }, index) => [String(value), { text, color, index }]),
        ),
      },
      {
        type: dashboard.MappingType.SpecialValue,
        options: {
          match: dashboard.SpecialValueMatch.Null,
          result: { text: of.otherwise ?? 'unknown', color: 'transparent', index: of.states.length },
        },
      },
    ])
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .disablePagination()
    .rowHeight(0.8)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    );
}

/** Distribution over time, of a native histogram. */
export function heatmap(of: Omit<Measured, 'queries'> & { readonly histogram: string }): Panel {
  const spread = query(of.histogram, '', { format: PromQueryFormat.Heatmap });
  return frame(new heatmaps.PanelBuilder(), of)
    .targets([target(spread, 0)])
    .unit(of.unit)
    .calculate(false)
    .color(
      new heatmaps.HeatmapColorOptionsBuilder()
        .mode(heatmaps.HeatmapColorMode.Scheme)
        .scheme('Turbo')
        .steps(64),
    )
    .yAxis(new heatmaps.YAxisConfigBuilder().unit(of.unit))
    .cellGap(0)
    .filterValues(new heatmaps.FilterValueRangeBuilder().le(1e-9))
    .tooltip(new heatmaps.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true))
    .showLegend();
}

export interface Table extends Measured {
  readonly transformations: readonly dashboard.DataTransformerConfig[];
  readonly columns?: Readonly<Record<string, readonly dashboard.DynamicConfigValue[]>>;
}

/** The latest values as a table. */
export function table(of: Table): Panel {
  const panel = frame(new tables.PanelBuilder(), of)
    .targets(of.queries.map((q, index) => target({ format: PromQueryFormat.Table, instant: true, ...q }, index)))
    .transformations([...of.transformations])
    .unit(of.unit)
    .cellHeight(common.TableCellHeight.Sm)
    .minWidth(50)
    .filterable(false);
  if (of.decimals !== undefined) panel.decimals(of.decimals);
  for (const [name, properties] of Object.entries(of.columns ?? {})) panel.overrideByName(name, [...properties]);
  return panel;
}

/** Colours the text of a table's cells by value. */
export function cellColors(base: string, steps: readonly Step[]): dashboard.DynamicConfigValue[] {
  return [
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    { id: 'color', value: { mode: 'thresholds' } },
    { id: 'thresholds', value: thresholds(base, steps).build() },
  ];
}

function thresholds(base: string, steps: readonly Step[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...steps.map(({ from, color }) => ({ value: from, color }))]);
}

/** A red threshold. */
export function limit(from: number): Step[] {
  return [{ from, color: color.red }];
}
