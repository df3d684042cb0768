// Panels on recorded traces, which TraceQL finds in Tempo.

import { color, severities } from '../lib/colors.js';
import { comparison, spans } from '../lib/optional.js';
import { type Panel } from '../lib/panels.js';

/** Requests of clients. Their spans are the only server spans of the API. */
const requests = 'resource.service.name = "experience-api" && span:kind = server';
/** Hashes have no latency objective. */
const measured = 'span.http.route !~ "/api/heavy-hash/.*"';
const slow = 'span:duration > 300ms';

export function slowAndFailed(): Panel {
  return spans({
    title: 'Slowest and failed requests',
    purpose:
      'Up to 100 recorded requests that failed, or took longer than 300 ms and are no hashes, the slowest first. The link opens the trace.',
    width: 24,
    height: 9,
    none: 'No slow or failed request was recorded',
    query: `{ ${requests} && (${measured} && ${slow} || span:status = error) } | select(span.http.response.status_code, span:status)`,
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: { 'Trace Service': true, Name: true, kind: true, 'service.name': true, 'http.route': true },
          indexByName: { 'Start time': 0, 'Trace Name': 1, Duration: 2, 'http.response.status_code': 3, status: 4, 'Span ID': 5 },
          renameByName: { 'Trace Name': 'Request', 'http.response.status_code': 'Status', status: 'Outcome', 'Span ID': 'Trace' },
        },
      },
      { id: 'sortBy', options: { sort: [{ field: 'Duration', desc: true }] } },
    ],
    columns: {
      traceIdHidden: [{ id: 'custom.hideFrom', value: { viz: true, legend: true, tooltip: true } }, { id: 'custom.hidden', value: true }],
      'Start time': [{ id: 'custom.width', value: 200 }],
      Outcome: [
        { id: 'custom.cellOptions', value: { type: 'color-text' } },
        { id: 'mappings', value: [{ type: 'value', options: { error: { text: 'failed', color: severities.page }, unset: { text: 'ok' } } }] },
      ],
    },
  });
}

const bars = (name: string): [string, { id: string; value: unknown }[]] => [
  name,
  [
    { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
    { id: 'fieldMinMax', value: true },
    { id: 'min', value: 0 },
    { id: 'color', value: { mode: 'fixed', fixedColor: color.blue } },
    { id: 'custom.width', value: 260 },
  ],
];

/** Series of compare() but totals, absent attributes, those that all requests share, and those that differ for each. */
const interesting =
  '"(selection|baseline)", (?!.*="nil")(?!kind|name|rootName|instrumentation|resource.telemetry|resource.service.name)' +
  '(?!span.correlation_id|span.pyroscope|span.http.response.body|span.url.path)';

export function whatSlowOnesShare(): Panel {
  return comparison({
    title: 'Slow requests compared with the others',
    purpose:
      'Values of attributes, counted in recorded requests over 300 ms and in the others, without hashes. Those at the top are typical of slow ones. ' +
      'Values of fewer than two slow requests are left out.',
    width: 24,
    height: 10,
    none: 'No request was recorded',
    query: `{ ${requests} && ${measured} } | compare({ ${slow} }, 10)`,
    transformations: [
      { id: 'reduce', options: { reducers: ['lastNotNull'], mode: 'seriesToRows' } },
      // One series for each value of an attribute: {__meta_type="selection", span.http.route="/api/deals"}.
      {
        id: 'extractFields',
        options: { source: 'Field', format: 'regexp', regExp: '/__meta_type="(?<requests>selection|baseline)", (?<attribute>.+)}/' },
      },
      {
        id: 'filterByValue',
        options: {
          type: 'include',
          match: 'all',
          filters: [{ fieldName: 'Field', config: { id: 'regex', options: { value: interesting } } }],
        },
      },
      {
        id: 'groupingToMatrix',
        options: { columnField: 'requests', rowField: 'attribute', valueField: 'Last *', emptyValue: 'zero' },
      },
      {
        id: 'calculateField',
        options: {
          mode: 'binary',
          binary: { left: 'selection', operator: '/', right: 'baseline' },
          alias: 'Slow for each other',
        },
      },
      {
        id: 'filterByValue',
        options: {
          type: 'include',
          match: 'all',
          filters: [{ fieldName: 'selection', config: { id: 'greaterOrEqual', options: { value: 2 } } }],
        },
      },
      { id: 'sortBy', options: { sort: [{ field: 'Slow for each other', desc: true }] } },
      {
        id: 'organize',
        options: {
          indexByName: { 'attribute\\requests': 0, 'Slow for each other': 1, selection: 2, baseline: 3 },
          renameByName: { 'attribute\\requests': 'Attribute', selection: 'Slow requests', baseline: 'Other requests' },
        },
      },
    ],
    columns: {
      'Slow for each other': [{ id: 'decimals', value: 2 }, { id: 'custom.width', value: 150 }],
      ...Object.fromEntries(['Slow requests', 'Other requests'].map(bars)),
    },
  });
}
