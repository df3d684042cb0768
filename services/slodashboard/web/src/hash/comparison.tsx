import type { ReactNode } from 'react';
import { setScenario } from '../api/actions';
import { scenarios } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Hash, HashSide } from '../api/types';
import { hashes } from '../lib/colors';
import { age } from '../lib/format';
import { useAction } from '../ui/action';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import { Quantity } from '../ui/quantity';
import { rows, width, type Row } from './rows';

/** Compares bad, good and neither. */
export function Comparison({ now }: { readonly now: Hash }): ReactNode {
  const { bad, good, idle, windowSec } = now;
  return (
    <Panel title="Bad against good" aside={`in the last ${age(windowSec * 1000)}, while only one of them ran`} flush>
      <div className="scroll" tabIndex={0} role="region" aria-label="Bad against good, table">
        <table className="table comparison">
          <thead>
            <tr>
              <td />
              <Side title="Bad" about="a goroutine for each request" scenario="hash-bad" side={bad} color={hashes.bad} />
              <Side title="Good" about="a bounded pool of threads" scenario="hash-good" side={good} color={hashes.good} />
              <th scope="col" className="number">
                <span className="side-title">Neither</span>
                <span className="quiet">for comparison</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <ComparisonRow key={row.label} row={row} bad={bad} good={good} idle={idle} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet note">
        The server’s clock starts when its goroutine gets a processor. The time before that is missing from the server’s numbers, and is part of what
        clients wait for.
      </p>
    </Panel>
  );
}

interface SideProps {
  readonly title: string;
  readonly about: string;
  readonly scenario: string;
  readonly side: HashSide;
  readonly color: string;
}

function Side({ title, about, scenario, side, color }: SideProps): ReactNode {
  const { data } = useFeed(scenarios);
  const entry = data?.scenarios.find(({ id }) => id === scenario);
  const [busy, act] = useAction(entry?.label ?? scenario);
  const paused = data !== undefined && data.experiment !== '';
  const seen = side.seenSec === null ? 'not seen yet' : `seen for ${age(side.seenSec * 1000)}`;
  return (
    <th scope="col">
      <span className="row spread">
        <span className="side-title" style={{ color: `var(--${color})` }}>
          {title}
        </span>
        {entry && (
          <button type="button" className="button small" disabled={busy || paused} onClick={() => act(() => setScenario(scenario, !entry.active))}>
            <Icon name={entry.active ? 'stop' : 'play'} size={11} />
            {entry.active ? 'Stop' : 'Run'}
            <span className="sr-only"> {entry.label}</span>
          </button>
        )}
      </span>
      <span className="quiet">
        {about}; {paused ? 'paused during the experiment' : side.runningNow ? 'running' : seen}
      </span>
    </th>
  );
}

interface RowProps {
  readonly row: Row;
  readonly bad: HashSide;
  readonly good: HashSide;
  readonly idle: HashSide;
}

function ComparisonRow({ row, bad, good, idle }: RowProps): ReactNode {
  const values = [row.of(bad), row.of(good), row.of(idle)];
  return (
    <tr>
      <th scope="row">
        {row.label}
        <span className="quiet">{row.about}</span>
      </th>
      {([['bad', values[0] ?? null], ['good', values[1] ?? null]] as const).map(([kind, value]) => (
        <td key={kind}>
          <span className="compared">
            <span className="bar" aria-hidden="true">
              <i style={{ width: `${width(value, values)}%`, background: `var(--${hashes[kind]})` }} />
            </span>
            <Quantity value={value} unit={row.unit} none="–" width={8} />
          </span>
        </td>
      ))}
      <td className="number muted">
        <Quantity value={values[2] ?? null} unit={row.unit} none="–" />
      </td>
    </tr>
  );
}
