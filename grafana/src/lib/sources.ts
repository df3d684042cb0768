// Data sources, by their uids in provisioning/datasources.

import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

export const prometheus: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };

/** The data source of a server that need not run. */
export interface Optional {
  /** Uid of the data source, job of the server in Prometheus, and name of the variable. */
  readonly name: string;
  /** What panels query: the data source while the server runs, else one that answers every query with nothing. */
  readonly ref: DataSourceRef;
  /** Says in a title what the panel shows, or that the server is not running. */
  readonly note: string;
  readonly variable: dashboard.QueryVariableBuilder;
}

export const tempo = optional('tempo', 'tempo', 'Tempo', 'of recorded traces');
export const loki = optional('loki', 'loki', 'Loki', 'in Loki');
export const pyroscope = optional('pyroscope', 'grafana-pyroscope-datasource', 'Pyroscope', 'CPU time in Pyroscope');

export const optionals: readonly Optional[] = [tempo, loki, pyroscope];

/**
 * A panel whose server is absent would show a red error. So it queries the data source that a hidden variable holds. Prometheus knows
 * whether the server runs. While it does not, the variable holds Grafana's data source for Alertmanager, which is only for Grafana's
 * alerting pages: it answers a panel with nothing, and sends no request.
 */
function optional(name: string, type: string, server: string, shows: string): Optional {
  const entry = (series: string, uid: string, note: string): string =>
    `label_replace(label_replace(${series}, "uid", "${uid}", "", ""), "note", "${note}", "", "")`;
  const running = entry(`max(up{job="${name}"}) == 1`, name, shows);
  const absent = entry('vector(1)', 'alertmanager', `${server} is not running`);
  return {
    name,
    ref: { type, uid: `\${${name}}` },
    note: `\${${name}:text}`,
    variable: new dashboard.QueryVariableBuilder(name)
      .description(`Data source of ${server}, if it runs`)
      .hide(dashboard.VariableHide.HideVariable)
      .datasource(prometheus)
      .query(`query_result(${running} or on () ${absent})`)
      .regex('/note="(?<text>[^"]+)".*uid="(?<value>[^"]+)"/')
      .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
      .current({ text: `${server} is not running`, value: 'alertmanager' }),
  };
}
