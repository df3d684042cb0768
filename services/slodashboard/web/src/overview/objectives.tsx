import { useState, type ReactNode } from 'react';
import type { Snapshot } from '../api/feed';
import type { Objective, ObjectiveSet, SLO } from '../api/types';
import { slos } from '../lib/colors';
import { say } from '../lib/format';
import { keep, recall } from '../lib/storage';
import { Panel } from '../ui/panel';
import { Segments } from '../ui/segments';
import { Budget } from './budget';
import { burnSeverity } from './burn';
import { capitalized, named, percent } from './names';
import { WhatIf } from './what-if';

const isText = (value: unknown): value is string => typeof value === 'string';

export function Objectives({ feed }: { readonly feed: Snapshot<SLO> }): ReactNode {
  const [wanted, setWanted] = useState(() => recall('objectives', '', isText));
  const sets = feed.data?.sets ?? [];
  const shown = sets.find(({ id }) => id === wanted) ?? sets.at(-1);
  const choose = (id: string): void => {
    setWanted(id);
    keep('objectives', id);
  };
  const aside = shown && (
    <Segments
      label="Objectives over"
      value={shown.id}
      choices={sets.map(({ id, label }) => ({ value: id, label: capitalized(label) }))}
      choose={choose}
    />
  );
  return (
    <Panel title="Objectives" aside={aside} flush>
      {shown ? (
        <>
          <ObjectiveTable set={shown} />
          <WhatIf set={shown} />
        </>
      ) : (
        <p className="empty">{feed.error ? feed.error.message : 'Prometheus has not evaluated the rules yet.'}</p>
      )}
    </Panel>
  );
}

function windowsOf(set: ObjectiveSet): readonly string[] {
  return set.objectives[0]?.burnRates.map(({ window }) => window) ?? [];
}

function ObjectiveTable({ set }: { readonly set: ObjectiveSet }): ReactNode {
  const windows = windowsOf(set);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Objectives, table">
      <table className="table objectives">
        <thead>
          <tr>
            <th scope="col">Objective</th>
            <th scope="col" className="number">
              Target
            </th>
            <th scope="col" className="number">
              Actual
            </th>
            <th scope="col">Error budget left</th>
            <th scope="col" colSpan={windows.length || 1} className="burns-head">
              Burn rate, over
            </th>
          </tr>
          {windows.length > 0 && (
            <tr className="windows">
              <td colSpan={4} />
              {windows.map((window) => (
                <th key={window} scope="col" className="number">
                  {window}
                </th>
              ))}
            </tr>
          )}
        </thead>
        <tbody>
          {set.objectives.map((objective) => (
            <ObjectiveRow key={objective.id} objective={objective} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ObjectiveRow({ objective }: { readonly objective: Objective }): ReactNode {
  const { name, objectivePct, deliveredPct, budgetLeftPct, burnRates } = objective;
  const counted = events(objective);
  return (
    <tr>
      <th scope="row">
        <i className="key" style={{ background: `var(--${slos[name] ?? 'grey'})` }} />
        {named(name)}
      </th>
      <td className="number">{percent(objectivePct)}</td>
      <td className="number">
        {deliveredPct === null ? <span className="quiet">not yet known</span> : percent(deliveredPct)}
        {counted !== null && <small className="quiet events">{counted}</small>}
      </td>
      <td>
        <Budget left={budgetLeftPct} />
      </td>
      {burnRates.map(({ window, rate }) => (
        <td key={window} className={`number burn ${burnSeverity(rate)}`}>
          {rate === null ? '–' : say(rate, 'burn')}
        </td>
      ))}
    </tr>
  );
}

/** Says how many events of the period were bad: "4 of 8 bad". An objective on time counts seconds. */
function events({ badEvents, totalEvents, eventUnit }: Objective): string | null {
  if (badEvents === null || totalEvents === null) return null;
  const unit = eventUnit === 'seconds' ? 's' : 'count';
  return `${say(badEvents, unit)} of ${say(totalEvents, unit)} bad`;
}
