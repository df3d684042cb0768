// Data sources, by their uids in provisioning/datasources.

import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

export const prometheus: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };
export const tempo: DataSourceRef = { type: 'tempo', uid: 'tempo' };
export const pyroscope: DataSourceRef = { type: 'grafana-pyroscope-datasource', uid: 'pyroscope' };
