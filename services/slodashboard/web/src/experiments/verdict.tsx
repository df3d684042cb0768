import type { ReactNode } from 'react';
import type { ExperimentArm, ExperimentMeasure, ExperimentPromise, ExperimentResult, ExperimentSpread } from '../api/types';
import { clock } from '../lib/format';
import { Panel } from '../ui/panel';
import { State } from '../ui/state';
import { Promises } from './cards';
import { ArmName } from './setup';
import { howRun, quantity, times } from './words';

interface Props {
  readonly result: ExperimentResult;
  readonly arms: readonly ExperimentArm[];
}

/** What was promised and what was measured. */
export function Verdict({ result, arms }: Props): ReactNode {
  const { endedAt, processors, system, version, seed, promises, table, replay } = result;
  return (
    <Panel title="Verdict" aside={<Promises verdict={result} />} className="verdict" flush>
      <p className="quiet verdict-how">
        {howRun(result)}, ended at {clock(endedAt)}; {processors} processors, {system}, version {version}
        {!replay && `, seed ${seed}`}
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label="Promises, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Promise</th>
              <th scope="col">Bound</th>
              <th scope="col">Measured</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {promises.map((promise) => (
              <PromiseRow key={promise.text} promise={promise} />
            ))}
          </tbody>
        </table>
      </div>
      <div className="scroll" tabIndex={0} role="region" aria-label="Measures, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Measure: median (range)</th>
              {arms.map(({ id, label }, index) => (
                <th key={id} scope="col" className="number">
                  <ArmName label={label} index={index} />
                </th>
              ))}
              <th scope="col" className="number">
                First over last
              </th>
            </tr>
          </thead>
          <tbody>
            {table.map((measure) => (
              <MeasureRow key={measure.id} measure={measure} arms={arms} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

const severities = { met: 'good', 'not met': 'bad', 'no data': 'unknown' } as const;

function PromiseRow({ promise: { text, bound, measured, outcome, overlap } }: { readonly promise: ExperimentPromise }): ReactNode {
  return (
    <tr>
      <th scope="row">{text}</th>
      <td className="nowrap">{bound}</td>
      <td className="nowrap">{measured}</td>
      <td>
        <State severity={severities[outcome]}>{outcome}</State>
        {overlap && <span className="quiet note">the ranges overlap</span>}
      </td>
    </tr>
  );
}

function MeasureRow({ measure, arms }: { readonly measure: ExperimentMeasure; readonly arms: readonly ExperimentArm[] }): ReactNode {
  const { text, unit, ratio, overlap } = measure;
  return (
    <tr>
      <th scope="row">{text}</th>
      {arms.map(({ id }) => (
        <td key={id} className="number">
          <Spread spread={measure.arms.find(({ arm }) => arm === id)} unit={unit} />
        </td>
      ))}
      <td className="number">
        {ratio === null ? '–' : times(ratio)}
        {overlap && <span className="quiet note">the ranges overlap</span>}
      </td>
    </tr>
  );
}

function Spread({ spread, unit }: { readonly spread: ExperimentSpread | undefined; readonly unit: string }): ReactNode {
  if (!spread || spread.median === null) return '–';
  const { median, least, most } = spread;
  const range = least !== null && most !== null && least < most;
  return (
    <>
      {quantity(median, unit)}
      {range && (
        <span className="quiet note">
          {quantity(least, unit)} to {quantity(most, unit)}
        </span>
      )}
    </>
  );
}
