// What all dashboards share: time range, links and annotations.

import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { color } from './colors.js';
import type { Panel } from './panels.js';
import { target } from './prometheus.js';
import { prometheus } from './sources.js';

const tag = 'deals';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Board {
  /** Also the name of the file and of the path /d/<uid>. */
  readonly uid: string;
  readonly title: string;
  readonly purpose: string;
  readonly rows: readonly Row[];
  readonly variables?: readonly dashboard.CustomVariableBuilder[] | readonly dashboard.QueryVariableBuilder[];
}

export function board(of: Board): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(of.title)
    .uid(of.uid)
    .description(of.purpose)
    .tags([tag])
    .editable()
    .time({ from: 'now-15m', to: 'now' })
    .refresh('10s')
    .timepicker(new dashboard.TimePickerBuilder().refreshIntervals(['5s', '10s', '30s', '1m']))
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables([...(of.variables ?? [])])
    .annotations(annotations())
    .links(links());
  for (const row of of.rows) {
    builder.withRow(new dashboard.RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  return numbered(builder.build());
}

/** Numbers the panels from 1 in reading order. */
function numbered(of: dashboard.Dashboard): dashboard.Dashboard {
  (of.panels ?? []).forEach((panel, index) => {
    panel.id = index + 1;
    if ('repeatDirection' in panel) delete panel.repeatDirection; // set by the SDK; no panel is repeated
  });
  return of;
}

function links(): dashboard.DashboardLinkBuilder[] {
  const others = new dashboard.DashboardLinkBuilder('Dashboards')
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags([tag])
    .asDropdown(true)
    .keepTime(true)
    .icon('dashboard')
    .tooltip('The other dashboards, with the same time range');
  const out = (title: string, url: string, tooltip: string): dashboard.DashboardLinkBuilder =>
    new dashboard.DashboardLinkBuilder(title)
      .type(dashboard.DashboardLinkType.Link)
      .url(url)
      .tooltip(tooltip)
      .icon('external link')
      .targetBlank(true);
  return [
    others,
    out('Scenarios', 'http://127.0.0.1:3100', 'slo-dashboard: scenarios, topology, objectives'),
    out('Queues', 'http://127.0.0.1:8081', 'queue-ui: jobs, retries and the DLQ'),
    out('Alerts', 'http://127.0.0.1:9093', 'Alertmanager: firing alerts, silences'),
  ];
}

function annotations(): dashboard.AnnotationQueryBuilder[] {
  return [
    // Grafana adds its own if it is missing.
    new dashboard.AnnotationQueryBuilder()
      .name('Annotations & Alerts')
      .datasource({ type: 'grafana', uid: '-- Grafana --' })
      .type('dashboard')
      .builtIn(1)
      .hide(true)
      .enable(true)
      .iconColor('rgba(0, 211, 255, 1)'),
    mark({
      name: 'Pages',
      // Only the start: a region for the whole time would cover the panels.
      expr: 'max by (alertname, sloth_service, job) (ALERTS{alertstate="firing", severity="page"} unless ALERTS{alertstate="firing"} offset 4s)',
      step: '4s',
      title: '{{alertname}}',
      text: '{{sloth_service}}{{job}}',
      color: color.red,
    }),
    mark({
      name: 'Faults',
      expr: 'sum by (service) (increase(domain_fault_changes_total[8s])) > 0',
      step: '6s',
      title: 'Fault settings changed',
      text: '{{service}}',
      color: color.orange,
    }),
    mark({
      name: 'Capacity',
      expr: 'sum by (service) (increase(domain_capacity_changes_total[8s])) > 0',
      step: '6s',
      title: 'Capacity settings changed',
      text: '{{service}}',
      color: color.purple,
    }),
    mark({
      name: 'Starts',
      expr: 'time() - process_start_time_seconds < 4',
      step: '4s',
      title: 'Started',
      text: '{{job}}',
      color: color.blue,
    }),
  ];
}

interface Mark {
  readonly name: string;
  readonly expr: string;
  /** How long the expression has a value after an event, so that each event is marked once. */
  readonly step: string;
  readonly title: string;
  readonly text: string;
  readonly color: string;
}

function mark(of: Mark): dashboard.AnnotationQueryBuilder {
  return new dashboard.AnnotationQueryBuilder()
    .name(of.name)
    .datasource(prometheus)
    .enable(true)
    .iconColor(of.color)
    .expr(of.expr)
    .step(of.step)
    .titleFormat(of.title)
    .textFormat(of.text)
    .target(target({ expr: of.expr, legend: of.text }, 0).refId('Anno'));
}
