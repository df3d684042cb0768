// Panel types of servers that need not run: Tempo, Loki and Pyroscope.

import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as flame from '@grafana/grafana-foundation-sdk/grafanapyroscope';
import * as lines from '@grafana/grafana-foundation-sdk/logs';
import * as logql from '@grafana/grafana-foundation-sdk/loki';
import * as graphs from '@grafana/grafana-foundation-sdk/nodegraph';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import * as traces from '@grafana/grafana-foundation-sdk/tempo';

import { frame, type About, type Framed, type Panel } from './panels.js';
import { loki, pyroscope, tempo, type Optional } from './sources.js';

/** Options of a panel whose server need not run. The title then says so. */
interface FromOptional extends About {
  readonly none: string;
}

function optionalFrame<P extends Framed>(panel: P, about: FromOptional, server: Optional): P {
  return frame(panel, about, server.ref, server.note);
}

/** CPU profile from Pyroscope, merged over the profiles that match the selector. */
export function flameGraph(of: FromOptional & { readonly selector: string }): Panel {
  const profile = new flame.DataqueryBuilder()
    .refId('A')
    .datasource(pyroscope.ref)
    .queryType('profile')
    .profileTypeId('process_cpu:cpu:nanoseconds:cpu:nanoseconds')
    .labelSelector(of.selector)
    .groupBy([])
    .spanSelector([]);
  return optionalFrame(new dashboard.PanelBuilder().type('flamegraph'), of, pyroscope)
    .unit('ns')
    .options({ showFlameGraphOnly: true }) // beside a table of symbols the names of functions do not fit
    .withTarget(profile);
}

/** Service graph, computed by Tempo from spans. */
export function serviceGraph(of: FromOptional): Panel {
  const calls = new traces.DataqueryBuilder().refId('A').datasource(tempo.ref).queryType('serviceMap').query('').filters([]);
  return optionalFrame(new graphs.PanelBuilder(), of, tempo).unit('none').withTarget(calls);
}

/** Log lines that a LogQL query finds, the newest first. A line links to its trace. */
export function logs(of: FromOptional & { readonly query: string }): Panel {
  const found = new logql.DataqueryBuilder().refId('A').datasource(loki.ref).queryType('range').expr(of.query).maxLines(200);
  return optionalFrame(new lines.PanelBuilder(), of, loki)
    .unit('none')
    .withTarget(found)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .sortOrder(common.LogsSortOrder.Descending)
    .dedupStrategy(common.LogsDedupStrategy.None);
}

export interface Spans extends FromOptional {
  /** TraceQL. */
  readonly query: string;
  readonly transformations: readonly dashboard.DataTransformerConfig[];
  readonly columns?: Readonly<Record<string, readonly dashboard.DynamicConfigValue[]>>;
}

/** Spans of recorded traces as a table. */
export function spans(of: Spans): Panel {
  return traceTable(of, traceQL(of.query).tableType(traces.SearchTableType.Spans).limit(100).spss(1));
}

/** Attributes of the spans that a query with compare() selects, and of the others. */
export function comparison(of: Spans): Panel {
  return traceTable(of, traceQL(of.query).metricsQueryType(traces.MetricsQueryType.Instant));
}

function traceQL(query: string): traces.DataqueryBuilder {
  return new traces.DataqueryBuilder().refId('A').datasource(tempo.ref).queryType('traceql').query(query).filters([]);
}

function traceTable(of: Spans, query: traces.DataqueryBuilder): Panel {
  const panel = optionalFrame(new tables.PanelBuilder(), of, tempo)
    .unit('none')
    .withTarget(query)
    .transformations([...of.transformations])
    .cellHeight(common.TableCellHeight.Sm)
    .filterable(false);
  for (const [name, properties] of Object.entries(of.columns ?? {})) panel.overrideByName(name, [...properties]);
  return panel;
}
