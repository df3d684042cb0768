import type { ReactNode } from 'react';
import type { ExperimentDetail } from '../api/types';
import { age } from '../lib/format';
import { Panel } from '../ui/panel';
import { armColor } from './arms';
import { Picture } from './picture';

/** The settings that are compared, where they are in the service graph, and under which load. */
export function Setup({ experiment }: { readonly experiment: ExperimentDetail }): ReactNode {
  const { arms, components, setup, streams, disturbed, replay } = experiment;
  return (
    <Panel title="What is compared">
      {!replay && <Picture marked={components} />}
      <dl className="setup">
        {arms.map(({ id, label, set }, index) => (
          <Fact key={id} term={<ArmName label={label} index={index} />} facts={set.length > 0 ? set : ['the defaults']} />
        ))}
        {setup.length > 0 && <Fact term="In every arm" facts={setup} />}
        <Fact term={replay ? 'Samples' : 'Load'} facts={streams} />
        <Fact
          term={replay ? 'Fault' : 'Disturbance'}
          facts={disturbed.length > 0 ? disturbed.map(({ text, atSec, forSec }) => `after ${age(atSec * 1000)}, for ${age(forSec * 1000)}: ${text}`) : ['none']}
        />
      </dl>
    </Panel>
  );
}

function Fact({ term, facts }: { readonly term: ReactNode; readonly facts: readonly string[] }): ReactNode {
  return (
    <div>
      <dt>{term}</dt>
      {facts.map((fact) => (
        <dd key={fact}>{fact}</dd>
      ))}
    </div>
  );
}

/** The name of an arm with its colour in the charts. */
export function ArmName({ label, index }: { readonly label: string; readonly index: number }): ReactNode {
  return (
    <>
      <i className="key" style={{ background: `var(--${armColor(index)})` }} aria-hidden="true" />
      {label}
    </>
  );
}
