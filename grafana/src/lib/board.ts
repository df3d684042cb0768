// What all dashboards share: time range, links and annotations.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { color } from './colors.js';
import { alertmanager, page, queueUI } from './pages.js';
import type { Panel } from './panels.js';
import { target } from './prometheus.js';
import { optionals, prometheus } from './sources.js';

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
  readonly variables?: readonly Builder<dashboard.VariableModel>[];
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
    .variables([...(of.variables ?? []), ...sourcesOf(of)])
    .annotations(annotations())
    .links(links());
  for (const row of of.rows) {
    builder.withRow(new dashboard.RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  return numbered(builder.build());
}

/** Variables of the optional data sources that panels of the board query. */
function sourcesOf(of: Board): Builder<dashboard.VariableModel>[] {
  const uids = of.rows.flatMap((row) => row.panels.map((panel) => panel.build().datasource?.uid));
  return optionals.filter(({ ref }) => uids.includes(ref.uid)).map(({ variable }) => variable);
}

/** A variable with the values of a label, of which any number can be selected. */
export function labelVariable(name: string, title: string, series: string, label: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(title)
    .datasource(prometheus)
    .query(`label_values(${series}, ${label})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .includeAll(true)
    .allValue('.*')
    .multi(true)
    .current({ text: 'All', value: '$__all' });
}

/** A variable with the values of a label, of which one is selected: current if it is there, otherwise the first in order. */
export function choiceVariable(
  name: string,
  title: string,
  series: string,
  label: string,
  current: string,
  order = dashboard.VariableSort.AlphabeticalAsc,
): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(title)
    .datasource(prometheus)
    .query(`label_values(${series}, ${label})`)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(order)
    .current({ text: current, value: current });
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
    out('Scenarios', page, 'slo-dashboard: scenarios, topology, objectives'),
    out('Queues', queueUI, 'queue-ui: jobs, retries and the DLQ'),
    out('Alerts', alertmanager, 'Alertmanager: firing alerts, silences'),
  ];
}

function annotations(): dashboard.AnnotationQueryBuilder[] {
  const event = (name: string, expr: string): string => `label_replace(${expr}, "event", "${name}", "", "")`;
  const startsAndEnds = (labels: string, series: string, step: string): string => {
    const now = `group by (${labels}) (${series})`;
    const before = `group by (${labels}) (${series} offset ${step})`;
    return `${event('started', `${now} unless ${before}`)} or ${event('ended', `${before} unless ${now}`)}`;
  };
  const setting = (name: string, expr: string): string => `label_replace(${expr}, "setting", "${name}", "", "")`;
  const before = 'max_over_time(target_info[10m] offset 4s)';
  const changes = [
    setting('fault', 'sum by (service) (increase(domain_fault_changes_total[8s])) > 0'),
    setting('capacity', 'sum by (service) (increase(domain_capacity_changes_total[8s])) > 0'),
    'max by (component, control, option) (deals_control_info)' +
      ' and on (component, control) (sum by (component, control) (increase(deals_control_changes_total[8s])) > 0)',
  ].join(' or ');
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
      expr:
        'max by (alertname, sloth_service, job) ' +
        '(ALERTS{alertstate="firing", severity="page"} unless ALERTS{alertstate="firing"} offset 4s)',
      step: '4s',
      title: '{{alertname}}',
      text: '{{sloth_service}}{{job}}',
      color: color.red,
    }),
    mark({
      name: 'Scenarios',
      // k6 pushes its series every 5 s, and ends them when it exits.
      expr: startsAndEnds('scenario', 'k6_http_reqs_total', '5s'),
      step: '5s',
      title: 'Scenario {{event}}',
      text: '{{scenario}}',
      color: color.teal,
    }),
    mark({
      name: 'Arms',
      expr: startsAndEnds('experiment, arm', 'deals_experiment_info{phase="loading"}', '4s'),
      step: '4s',
      title: 'Load of an arm {{event}}',
      text: '{{experiment}}: {{arm}}',
      color: color.purple,
    }),
    mark({
      name: 'Disturbances',
      expr: startsAndEnds('experiment, disturbance', 'deals_experiment_disturbance_info', '4s'),
      step: '4s',
      title: 'Disturbance {{event}}',
      text: '{{experiment}}: {{disturbance}}',
      color: color.darkRed,
    }),
    mark({
      name: 'Changes',
      // Not those of an experiment, which renews its settings every 4 s: its arms and disturbances have marks.
      expr: `(${changes}) unless on () max_over_time(deals_experiment_info[12s])`,
      step: '6s',
      title: 'Changed: {{service}}{{component}}',
      text: '{{setting}}{{control}} {{option}}',
      color: color.orange,
    }),
    mark({
      name: 'Starts',
      expr: 'time() - process_start_time_seconds < 4',
      step: '4s',
      title: 'Started',
      text: '{{job}}',
      color: color.blue,
    }),
    mark({
      name: 'Deploys',
      // A start with a version that no replica had in the 10 minutes before.
      expr:
        'group by (service_name, service_version) (target_info)' +
        ` unless group by (service_name, service_version) (${before}) and on (service_name) group by (service_name) (${before})`,
      step: '4s',
      title: 'New version',
      text: '{{service_name}} {{service_version}}',
      color: color.green,
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
