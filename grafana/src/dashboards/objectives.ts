// The row of the overview that is about promises: of the set of objectives that the variable chooses.

import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { color, level, slos } from '../lib/colors.js';
import { thresholds } from '../lib/indicators.gen.js';
import { cellColors, graph, limit, table, timeline, type Panel } from '../lib/panels.js';
import { query } from '../lib/prometheus.js';

const ofSet = 'sloth_service="$set"';
const ofSetOrNone = 'sloth_service=~"$set|"'; // an alert on a cause has no objective
const legend = '{{sloth_slo}}';

/** The unit of a burn rate: 1 uses up the budget in exactly its period. */
const timesFaster = 'suffix:×';

/** Burn rates from which the alerts of slo/windows fire. */
const burnSteps = [
  { from: thresholds['objective burnRate'].watch, color: color.yellow },
  { from: thresholds['objective burnRate'].bad, color: color.orange },
  { from: 14.4, color: color.red },
];

const budgetSteps = [
  { from: 0, color: level.watch },
  { from: 0.25, color: level.good },
];

export function setVariable(): dashboard.CustomVariableBuilder {
  return new dashboard.CustomVariableBuilder('set')
    .label('Objectives over')
    .description('Lab time: windows so short that an alert fires and resolves within an exercise')
    .values('lab time (1 h) : deals-lab-time, 30 days : deals')
    .current({ text: 'lab time (1 h)', value: 'deals-lab-time' })
    .options([
      { text: 'lab time (1 h)', value: 'deals-lab-time', selected: true },
      { text: '30 days', value: 'deals', selected: false },
    ]);
}

export function objectives(): Panel[] {
  return [promises(), firing(), budget(), burnRate(), burnByWindow(), alertsOverTime()];
}

function promises(): Panel {
  return table({
    title: 'Objectives',
    purpose: 'Each objective, what was delivered of late, how much of the error budget is left and how fast it burns.',
    unit: 'none',
    width: 14,
    height: 8,
    queries: [
      query(`max by (sloth_slo) (slo:objective:ratio{${ofSet}})`, ''),
      query(
        `1 - max by (sloth_slo) (slo:period_burn_rate:ratio{${ofSet}} * on (sloth_id) group_left () slo:error_budget:ratio)`,
        '',
      ),
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
            sloth_slo: 'Objective',
            'Value #A': 'Promised',
            'Value #B': 'Delivered',
            'Value #C': 'Budget left',
            'Value #D': 'Burn rate',
          },
        },
      },
    ],
    columns: {
      Promised: [{ id: 'unit', value: 'percentunit' }, { id: 'decimals', value: 1 }],
      Delivered: [{ id: 'unit', value: 'percentunit' }, { id: 'decimals', value: 2 }],
      'Budget left': [
        { id: 'unit', value: 'percentunit' },
        { id: 'decimals', value: 0 },
        ...cellColors(level.bad, budgetSteps),
      ],
      'Burn rate': [{ id: 'unit', value: timesFaster }, { id: 'decimals', value: 1 }, ...cellColors(level.good, burnSteps)],
    },
  });
}

function firing(): Panel {
  return table({
    title: 'Firing alerts',
    purpose: 'What fires now, of the objectives and of the causes; docs/runbooks says what to do about each.',
    unit: 'none',
    width: 10,
    height: 8,
    none: 'Nothing fires',
    queries: [
      query('max by (severity, alertname, sloth_service, job) (ALERTS{alertstate="firing"})', ''),
    ],
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, Value: true },
          indexByName: { severity: 0, alertname: 1, sloth_service: 2, job: 3 },
          renameByName: { severity: 'Severity', alertname: 'Alert', sloth_service: 'Objectives', job: 'Component' },
        },
      },
      { id: 'sortBy', options: { sort: [{ field: 'Severity' }] } },
    ],
    columns: {
      Severity: [
        { id: 'custom.width', value: 90 },
        { id: 'custom.cellOptions', value: { type: 'color-text' } },
        {
          id: 'mappings',
          value: [
            {
              type: 'value',
              options: { page: { color: level.bad, index: 0 }, ticket: { color: color.orange, index: 1 } },
            },
          ],
        },
      ],
      Alert: [{ id: 'custom.width', value: 220 }],
      Objectives: [{ id: 'noValue', value: '-' }],
      Component: [{ id: 'noValue', value: '-' }],
    },
  });
}

function budget(): Panel {
  return graph({
    title: 'Error budget left',
    purpose: 'How much of each error budget is left in its period; under zero the promise is broken.',
    unit: 'percentunit',
    width: 7,
    max: 1,
    palette: slos,
    limits: limit(0),
    min: -1,
    queries: [query(`slo:period_error_budget_remaining:ratio{${ofSet}}`, legend)],
  });
}

function burnRate(): Panel {
  return graph({
    title: 'Burn rate',
    purpose: 'How many times faster than sustainable each budget burns now: a page from 6 and 14.4, a ticket from 1 and 3.',
    unit: timesFaster,
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
    purpose: 'An alert fires when a long and a short window both burn too fast: here is each of them.',
    unit: timesFaster,
    decimals: 1,
    width: 10,
    queries: [
      query(
        `max by (sloth_slo, sloth_window) ({__name__=~"slo:sli_error:ratio_rate.+", ${ofSet}} / on (sloth_id) group_left () slo:error_budget:ratio)`,
        '',
      ),
    ],
    transformations: [
      {
        id: 'groupingToMatrix',
        options: { columnField: 'sloth_window', rowField: 'sloth_slo', valueField: 'Value', emptyValue: 'null' },
      },
      { id: 'organize', options: { indexByName: windowOrder(), renameByName: { 'sloth_slo\\sloth_window': 'Objective' } } },
    ],
    columns: {
      Objective: [{ id: 'custom.width', value: 150 }],
      ...Object.fromEntries(windows().map((window) => [window, cellColors(level.good, burnSteps)])),
    },
  });
}

function alertsOverTime(): Panel {
  return timeline({
    title: 'Alerts over time',
    purpose: 'When each alert was pending and when it fired: those of the chosen objectives, and those of causes.',
    width: 24,
    height: 8,
    none: 'Nothing has fired',
    queries: [
      query(
        `max by (alertname, severity, job) (ALERTS{alertstate="firing", ${ofSetOrNone}} * 2 or ALERTS{alertstate="pending", ${ofSetOrNone}})`,
        '{{alertname}} {{severity}} {{job}}',
      ),
    ],
    states: [
      { value: 1, text: 'pending', color: level.watch },
      { value: 2, text: 'firing', color: level.bad },
    ],
    otherwise: 'quiet',
  });
}

/** The windows of slo/windows, of both sets, by length. */
function windows(): string[] {
  return ['20s', '40s', '1m', '2m', '3m', '5m', '10m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'];
}

function windowOrder(): Record<string, number> {
  return Object.fromEntries(['sloth_slo\\sloth_window', ...windows()].map((name, index) => [name, index]));
}
