import type { ReactNode } from 'react';
import type { ExperimentPromised } from '../api/types';
import { type Options, promisedBound } from './options';

interface Props {
  readonly promises: readonly ExperimentPromised[];
  readonly options: Options;
  readonly change: (options: Options) => void;
}

/** A field for the bound of each promise. An empty one shows the bound that is promised. */
export function Bounds({ promises, options, change }: Props): ReactNode {
  return (
    <details className="bounds">
      <summary>Bounds of the promises</summary>
      {promises.map((promise) => (
        <label key={promise.key}>
          <span>{promise.text}</span>
          <span className="bound">
            {promise.above ? 'at least' : 'at most'}
            <input
              type="number"
              step="any"
              placeholder={promisedBound(promise, options.quick)}
              value={options.bounds[promise.key] ?? ''}
              onChange={(event) => change({ ...options, bounds: { ...options.bounds, [promise.key]: event.target.value } })}
            />
            {suffixes[promise.unit]}
          </span>
        </label>
      ))}
    </details>
  );
}

const suffixes: Readonly<Record<ExperimentPromised['unit'], string>> = {
  ratio: '%',
  ms: 'ms',
  s: 's',
  'per second': 'per second',
  count: '',
  calls: '',
  times: 'times',
};
