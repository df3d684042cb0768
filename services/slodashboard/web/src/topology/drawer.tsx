import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { meta, nodeFeed } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Node, Threshold, Topology } from '../api/types';
import { Chart } from '../charts/chart';
import { chartData } from '../charts/from';
import { quantiles } from '../lib/colors';
import { age } from '../lib/format';
import { go } from '../lib/router';
import { Icon } from '../ui/icons';
import { Quantity } from '../ui/quantity';
import { State } from '../ui/state';
import { Busy } from './busy';
import { CapacityPanel } from './capacity';
import { ControlsPanel } from './controls';
import { Elsewhere, instrumented } from './elsewhere';
import { FaultPanel } from './fault';
import { Limits } from './limits';
import { ofNode } from './numbers';
import type { Own } from './palette';
import { Swatches } from './swatches';

interface Props {
  readonly node: Node;
  readonly topology: Topology;
  readonly paint?: { readonly own: Own; readonly set: (id: string, hue: string | undefined) => void };
}

const kinds: Readonly<Record<Node['kind'], string>> = {
  client: 'Clients',
  api: 'API gateway',
  service: 'Service',
  balancer: 'Load balancer',
  store: 'Store',
  queue: 'Queue',
  worker: 'Worker',
};

export function Drawer({ node, topology, paint }: Props): ReactNode {
  const title = useRef<HTMLHeadingElement>(null);
  const known = useFeed(meta).data;
  const faulty = known?.services.includes(node.id) ?? false;
  const controlled = known?.controlled.includes(node.id) ?? false;
  useEffect(() => title.current?.focus(), []);
  const close = (): void => go('topology');

  return (
    <aside className="drawer panel" aria-labelledby="drawer-title" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <div className="drawer-head">
        <div>
          <h2 id="drawer-title" ref={title} tabIndex={-1}>
            {node.label}
          </h2>
          <p className="quiet">
            <code>{node.id}</code> · {kinds[node.kind]}
            {node.replicas + node.silent > 1 && `, ${node.replicas + node.silent} instances`}
            {node.silent > 0 && `, of which ${node.silent} ${node.silent === 1 ? 'does' : 'do'} not answer`}
            {node.startedSec !== null && `, last started ${age(1000 * node.startedSec)} ago`}
          </p>
        </div>
        <State severity={node.up === false ? 'bad' : node.severity}>{node.up === false ? 'down' : stateName[node.severity]}</State>
        <button type="button" className="button small" aria-label="Close" onClick={close}>
          <Icon name="cross" size={13} />
        </button>
      </div>
      <dl className="facts drawer-part">
        {ofNode(node).map(({ number, long, value, unit }) => (
          <div key={number}>
            <dt>
              {long}
              <Limit thresholds={topology.thresholds} number={number} kind={node.kind} />
            </dt>
            <dd>
              <Quantity value={value} unit={unit} />
            </dd>
          </div>
        ))}
      </dl>
      <Limits id={node.id} topology={topology} />
      {faulty && <CapacityPanel service={node.id} />}
      {faulty && <FaultPanel service={node.id} />}
      {controlled && <ControlsPanel component={node.id} />}
      <Past node={node} />
      {instrumented.has(node.kind) && <Busy component={node.id} />}
      {paint && <Swatches id={node.id} own={paint.own} set={paint.set} />}
      <Elsewhere node={node} />
    </aside>
  );
}

const stateName = { good: 'good', watch: 'watch', bad: 'bad', unknown: 'no traffic' } as const;

function Limit({ thresholds, number, kind }: { readonly thresholds: readonly Threshold[]; readonly number: string; readonly kind: string }): ReactNode {
  const of = (wanted: string): Threshold | undefined =>
    thresholds.find((threshold) => threshold.number === number && threshold.kind === wanted);
  const found = of(kind) ?? of('');
  if (!found) return null;
  const sign = found.below ? '≤' : '≥';
  return (
    <span className="limit" title={found.why}>
      watch {sign} {found.watch}, bad {sign} {found.bad}
    </span>
  );
}

function Past({ node }: { readonly node: Node }): ReactNode {
  const { data, error } = useFeed(nodeFeed(node.id));
  const history = data?.history;
  const of = node.id;
  const charts = useMemo(
    () =>
      node.kind === 'queue'
        ? ([
            ['Depth', 'count', 'jobs', chartData(history, [{ name: 'depth', of, label: 'depth', color: 'teal' }])],
            ['Lag', 's', 'time', chartData(history, [{ name: 'lagSec', of, label: 'lag', color: 'purple' }])],
          ] as const)
        : ([
            ['Rate', 'rps', 'per second', chartData(history, [{ name: 'rps', of, label: 'rate', color: 'blue' }])],
            ['p95 latency', 'ms', 'time', chartData(history, [{ name: 'p95Ms', of, label: 'p95', color: quantiles.p95 }])],
            ['Failures', 'percent', '%', chartData(history, [{ name: 'failurePct', of, label: 'failures', color: 'red' }])],
            [
              'Capacity',
              'count',
              'requests',
              chartData(history, [
                { name: 'capacity', of, label: 'capacity', color: 'grey', dashed: true },
                { name: 'busy', of, label: 'busy', color: 'green' },
                { name: 'waiting', of, label: 'waiting', color: 'orange' },
              ]),
            ],
          ] as const),
    [history, of, node.kind],
  );
  if (!data) return error ? <p className="drawer-part quiet">No history: {error.message}.</p> : <div className="drawer-part past" />;
  return (
    <div className="drawer-part stack past">
      {charts
        .filter(([, , , { lines }]) => lines.some(({ values }) => values.some((value) => value !== null)))
        .map(([title, unit, unitName, chart]) => (
          <Chart key={title} title={title} unit={unit} unitName={unitName} data={chart} height={84} />
        ))}
    </div>
  );
}
