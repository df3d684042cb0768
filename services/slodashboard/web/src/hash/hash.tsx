import { useMemo, type ReactNode } from 'react';
import { hash } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Hash } from '../api/types';
import { Chart } from '../charts/chart';
import { chartData } from '../charts/from';
import { hashes, quantiles } from '../lib/colors';
import { href } from '../lib/router';
import { View } from '../ui/view';
import { Comparison } from './comparison';
import { FlameGraphs, FlameStart } from './flame';
import { Pool } from './pool';
import './hash.css';

export default function HashView(): ReactNode {
  const feed = useFeed(hash);
  return (
    <View
      title="Heavy hash"
      lead="The same PBKDF2 work runs on the request’s goroutine (bad) or in a bounded pool of low-priority threads (good). List requests sent at the same time show the difference."
      aside={<a href={href('experiments')}>All experiments</a>}
      feed={feed}
    >
      {(now) => (
        <div className="stack">
          <div className="grid hash-top">
            <Comparison now={now} />
            <div className="stack">
              <Pool now={now} />
              <FlameStart />
            </div>
          </div>
          <Past now={now} />
          <FlameGraphs />
        </div>
      )}
    </View>
  );
}

function Past({ now }: { readonly now: Hash }): ReactNode {
  const lists = useMemo(
    () =>
      chartData(now.history, [
        { name: 'clientListP95Ms', label: 'client p95', color: quantiles.p95 },
        { name: 'clientListP99Ms', label: 'client p99', color: quantiles.p99 },
        { name: 'listP99Ms', label: 'server p99', color: 'grey', dashed: true },
        { name: 'schedulerP99Ms', label: 'scheduler p99', color: 'orange' },
      ]),
    [now.history],
  );
  const rates = useMemo(
    () =>
      chartData(now.history, [
        { name: 'hashesPerSec', of: '/api/heavy-hash/bad', label: 'bad', color: hashes.bad },
        { name: 'hashesPerSec', of: '/api/heavy-hash/good', label: 'good', color: hashes.good },
        { name: 'rejectionsPerSec', of: '/api/heavy-hash/good', label: 'good, refused', color: 'yellow', dashed: true },
      ]),
    [now.history],
  );
  return (
    <div className="grid cols-2">
      <div className="panel chart-panel">
        <Chart title="Lists, and the wait for a processor" unit="ms" unitName="time" data={lists} height={180} />
      </div>
      <div className="panel chart-panel">
        <Chart title="Hashes" unit="perSecond" unitName="per second" data={rates} height={180} />
      </div>
    </div>
  );
}
