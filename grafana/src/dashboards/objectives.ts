// Panels of the overview on the objectives of the set that the variable selects, and on alerts.

import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { level, severities, slos } from '../lib/colors.js';
import { burnRates, windows } from '../lib/indicators.gen.js';
import { cellColors, count, graph, limit, table, timeline, type Panel } from '../lib/panels.js';
import { page } from '../lib/pages.js';
import { query } from '../lib/prometheus.js';

const ofSet = 'sloth_service="$set"';
const ofSetOrNone = 'sloth_service=~"$set|"'; // alerts on causes have no objective
const legend = '{{sloth_slo}}';

/** Unit of a burn rate. A burn rate of 1 uses up the budget in exactly its period. */
const times = 'suffix:×';

/** Lowest burn rates at which the alerts of slo/windows fire. */
const burnSteps = [
  { from: Math.min(...burnRates.ticket), color: severities.ticket },
  { from: Math.min(...burnRates.page), color: severities.page },
];

const budgetSteps = [
  { from: 0, color: level.watch },
  { from: 0.25, color: level.good },
];

export function setVariable(): dashboard.CustomVariableBuilder {
  return new dashboard.CustomVariableBuilder('set')
    .label('Objectives over')
    .description('Lab time: short windows, so that an alert fires and resolves within an exercise')
    .values('lab time (1 h) : deals-lab-time, 30 days : deals')
    .current({ text: 'lab time (1 h)', value: 'deals-lab-time' })
    .options([
      { text: 'lab time (1 h)', value: 'deals-lab-time', selected: true },
      { text: '30 days', value: 'deals', selected: false },
    ]);
}

/** Whether the objectives are met, and which alerts fire. */
export function objectives(): Panel[] {
  return [attainment(), firing()];
}

/** How fast the error budgets are used up. */
export function burning(): Panel[] {
  return [budget(), burnRate(), burnByWindow()];
}

function attainment(): Panel {
  return table({
    title: 'Objectives',
    purpose:
      'Each objective with its measured ratio, the bad and all events of the period (seconds for queue-depth), ' +
        'remaining error budget and burn rate.',
    unit: 'none',
    width: 14,
    height: 8,
    queries: [
      query(`max by (sloth_slo) (slo:objective:ratio{${ofSet}})`, ''),
      query(
        `1 - max by (sloth_slo) (slo:period_burn_rate:ratio{${ofSet}} * on (sloth_id) group_left () slo:error_budget:ratio)`,
        '',
      ),
      query(`max by (sloth_slo) (slo:period_bad_events:sum{${ofSet}})`, ''),
      query(`max by (sloth_slo) (slo:period_total_events:sum{${ofSet}})`, ''),
      query(`max by (sloth_slo) (slo:period_error_budget_remaining:ratio{${ofSet}})`, ''),
      query(`max by (sloth_slo) (slo:current_burn_rate:ratio{${ofSet}})`, ''),
    ],
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: {
            sloth_slo: 'SLO',
            'Value #A': 'Objective',
            'Value #B': 'Measured',
            'Value #C': 'Bad',
            'Value #D': 'Of',
            'Value #E': 'Budget left',
            'Value #F': 'Burn rate',
          },
        },
      },
    ],
    columns: {
      SLO: [{ id: 'custom.width', value: 160 }],
      Objective: [{ id: 'unit', value: 'percentunit' }, { id: 'decimals', value: 1 }],
      Measured: [{ id: 'unit', value: 'percentunit' }, { id: 'decimals', value: 2 }],
      Bad: [{ id: 'unit', value: count }, { id: 'decimals', value: 0 }],
      Of: [{ id: 'unit', value: count }, { id: 'decimals', value: 0 }],
      'Budget left': [
        { id: 'unit', value: 'percentunit' },
        { id: 'decimals', value: 0 },
        ...cellColors(level.bad, budgetSteps),
      ],
      'Burn rate': [{ id: 'unit', value: times }, { id: 'decimals', value: 1 }, ...cellColors(level.good, burnSteps)],
    },
  });
}

function firing(): Panel {
  const labels = 'severity, alertname, sloth_service, job, service, queue';
  return table({
    title: 'Firing alerts',
    purpose: 'Firing alerts on objectives and on causes, pages first. The name of an alert opens its runbook.',
    unit: 'none',
    width: 10,
    height: 8,
    none: 'No alerts are firing',
    queries: [
      query(
        // Grafana takes a text of blanks for the number 0.
        `label_replace(label_join(time() - max by (${labels}) (ALERTS_FOR_STATE` +
          ' and ignoring (alertstate) ALERTS{alertstate="firing", severity!="none"}), "where", " ", "job", "service", "queue"), "where", "-", "where", " *")',
        '',
      ),
    ],
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, job: true, service: true, queue: true },
          indexByName: { severity: 0, alertname: 1, where: 2, sloth_service: 3, Value: 4 },
          renameByName: { severity: 'Severity', alertname: 'Alert', where: 'Where', sloth_service: 'Objectives', Value: 'Since' },
        },
      },
      { id: 'sortBy', options: { sort: [{ field: 'Severity' }] } },
    ],
    columns: {
      Severity: [
        { id: 'custom.width', value: 80 },
        { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
        {
          id: 'mappings',
          value: [{ type: 'value', options: Object.fromEntries(Object.entries(severities).map(([text, color]) => [text, { color }])) }],
        },
      ],
      Alert: [
        {
          id: 'links',
          value: [{ title: 'Runbook', url: `${page}/runbooks/\${__value.raw}`, targetBlank: true }],
        },
      ],
      Objectives: [
        { id: 'custom.width', value: 100 },
        {
          id: 'mappings',
          value: [{ type: 'value', options: { 'deals-lab-time': { text: 'lab time' }, deals: { text: '30 days' }, '': { text: '-' } } }],
        },
      ],
      Since: [{ id: 'custom.width', value: 90 }, { id: 'unit', value: 's' }, { id: 'decimals', value: 0 }],
    },
  });
}

function budget(): Panel {
  return graph({
    title: 'Error budget left',
    purpose:
      'Remaining share of each error budget in its period. Below zero the objective is missed; at −100 % the budget is used twice.',
    unit: 'percentunit',
    width: 7,
    max: 1,
    palette: slos,
    limits: limit(0),
    min: 'auto',
    queries: [query(`slo:period_error_budget_remaining:ratio{${ofSet}}`, legend)],
  });
}

function burnRate(): Panel {
  return graph({
    title: 'Burn rate',
    purpose: `Error rate divided by the error budget. Pages fire from ${rising(burnRates.page)}, tickets from ${rising(burnRates.ticket)}.`,
    unit: times,
    width: 7,
    softMax: 16,
    palette: slos,
    limits: burnSteps,
    queries: [query(`slo:current_burn_rate:ratio{${ofSet}}`, legend)],
  });
}

function burnByWindow(): Panel {
  return table({
    title: 'Burn rate by window',
    purpose: 'An alert fires when the burn rate of a long and of a short window both exceed its factor.',
    unit: times,
    decimals: 1,
    width: 10,
    queries: [
      query(
        `max by (sloth_slo, sloth_window) ({__name__=~"slo:sli_error:ratio_.+", ${ofSet}}` +
          ` / on (sloth_id) group_left () slo:error_budget:ratio)`,
        '',
      ),
    ],
    transformations: [
      {
        id: 'groupingToMatrix',
        options: { columnField: 'sloth_window', rowField: 'sloth_slo', valueField: 'Value', emptyValue: 'null' },
      },
      { id: 'organize', options: { indexByName: windowOrder(), renameByName: { 'sloth_slo\\sloth_window': 'SLO' } } },
    ],
    columns: {
      SLO: [{ id: 'custom.width', value: 160 }],
      ...Object.fromEntries(windows.map((window) => [window, cellColors(level.good, burnSteps)])),
    },
  });
}

export function alertsOverTime(): Panel {
  return timeline({
    title: 'Alerts over time',
    purpose: 'Pending alerts, firing pages and firing tickets, on the selected objectives and on causes.',
    width: 24,
    height: 8,
    none: 'No alerts in this time range',
    queries: [
      query(
        `max by (alertname, severity, job) (ALERTS{alertstate="firing", severity="page", ${ofSetOrNone}} * 3` +
          ` or ALERTS{alertstate="firing", severity!="none", ${ofSetOrNone}} * 2` +
          ` or ALERTS{alertstate="pending", severity!="none", ${ofSetOrNone}})`,
        '{{alertname}} {{severity}} {{job}}',
      ),
    ],
    states: [
      { value: 1, text: 'pending', color: level.watch },
      { value: 2, text: 'ticket', color: severities.ticket },
      { value: 3, text: 'page', color: severities.page },
    ],
    otherwise: 'inactive',
  });
}

/** Returns numbers that are listed from the highest as text, the lowest first. */
function rising(rates: readonly number[]): string {
  return rates.toReversed().join(' and ');
}

function windowOrder(): Record<string, number> {
  return Object.fromEntries(['sloth_slo\\sloth_window', ...windows].map((name, index) => [name, index]));
}
