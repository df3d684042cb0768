import { useMemo, type ReactNode } from 'react';
import { hybrid } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Hybrid } from '../api/types';
import { Chart } from '../charts/chart';
import { chartData } from '../charts/from';
import { readModel } from '../lib/colors';
import type { Unit, Value } from '../lib/format';
import { Quantity } from '../ui/quantity';
import { View } from '../ui/view';
import { FanOut } from './fan-out';
import { RequestPicture } from './picture';
import { isOff } from './shares';
import './hybrid.css';

export default function HybridView(): ReactNode {
  const feed = useFeed(hybrid);
  return (
    <View
      title="Hybrid reads"
      lead="A list reads one catalog page and gets its deal cards from Redis in one round trip, instead of making four calls for each deal. At most two missing deals are composed live."
      feed={feed}
    >
      {(now) => (
        <div className="stack">
          <Numbers now={now} />
          <div className="grid hybrid-pictures">
            <RequestPicture now={now} />
            <FanOut now={now} />
          </div>
          <Past now={now} />
        </div>
      )}
    </View>
  );
}

function numbers(now: Hybrid): readonly (readonly [label: string, value: Value, unit: Unit, about: string])[] {
  return [
    ['Fresh hits', now.freshHitPct, 'percent', 'deals with a fresh card in Redis'],
    ['Coverage', now.coveragePct, 'percent', 'deals with a card in Redis'],
    ['Catalog cache', now.catalogCachePct, 'percent', 'lists whose page was cached'],
    ['Live fallback', now.liveFallbackPerRequest, 'perRequest', 'deals composed live per list'],
    ['Fan-out saved', now.reductionPct, 'percent', 'fewer upstream calls'],
    ['Lists', now.listRps, 'rps', 'p95 beside'],
  ];
}

function Numbers({ now }: { readonly now: Hybrid }): ReactNode {
  return (
    <dl className="panel tiles">
      {numbers(now).map(([label, value, unit, about]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Quantity value={value} unit={unit} none={isOff(now) ? 'off' : now.listRps ? '–' : 'no lists'} />
          </dd>
          <dd className="quiet">{label === 'Lists' ? <ListP95 now={now} /> : about}</dd>
        </div>
      ))}
    </dl>
  );
}

function ListP95({ now }: { readonly now: Hybrid }): ReactNode {
  return (
    <>
      p95 <Quantity value={now.p95Ms} unit="ms" none="–" />
    </>
  );
}

function Past({ now }: { readonly now: Hybrid }): ReactNode {
  const shares = useMemo(
    () =>
      chartData(now.history, [
        { name: 'freshHitPct', label: 'fresh hits', color: readModel.hit },
        { name: 'coveragePct', label: 'coverage', color: 'blue' },
        { name: 'catalogCachePct', label: 'catalog cache', color: 'teal' },
      ]),
    [now.history],
  );
  const calls = useMemo(
    () =>
      chartData(now.history, [
        { name: 'fanOutClassic', label: 'classic', color: 'grey', dashed: true },
        { name: 'fanOutMeasured', label: 'measured', color: 'blue' },
      ]),
    [now.history],
  );
  return (
    <div className="grid cols-2">
      <div className="panel chart-panel">
        <Chart title="Read model" unit="percent" unitName="% of deals, of lists" data={shares} height={170} />
      </div>
      <div className="panel chart-panel">
        <Chart title="Fan-out" unit="perRequest" unitName="upstream calls per list" data={calls} height={170} />
      </div>
    </div>
  );
}
