import type { ReactNode } from 'react';
import type { ExperimentVerdict } from '../api/types';
import { clock } from '../lib/format';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import { Promises } from './cards';
import { howRun } from './words';

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** The verdicts of all runs that are kept, with their reports. */
export function History({ verdicts }: { readonly verdicts: readonly ExperimentVerdict[] }): ReactNode {
  return (
    <Panel title="Verdicts so far" flush>
      <div className="scroll" tabIndex={0} role="region" aria-label="Verdicts so far, table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Ended</th>
              <th scope="col">Run</th>
              <th scope="col">Verdict</th>
              <th scope="col">Report</th>
            </tr>
          </thead>
          <tbody>
            {verdicts.map((verdict) => (
              <Row key={verdict.run} verdict={verdict} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row({ verdict }: { readonly verdict: ExperimentVerdict }): ReactNode {
  const { run, endedAt, report } = verdict;
  const when = `${days.format(new Date(endedAt))}, ${clock(endedAt)}`;
  return (
    <tr>
      <th scope="row" className="nowrap">
        {when}
      </th>
      <td>{howRun(verdict)}</td>
      <td>
        <Promises verdict={verdict} />
      </td>
      <td className="nowrap">
        <a href={report} target="_blank" rel="noreferrer">
          Open<span className="sr-only"> the report of {when}</span> <Icon name="out" size={11} />
        </a>{' '}
        <a href={report} download={`${run}.html`}>
          Download<span className="sr-only"> the report of {when}</span>
        </a>
      </td>
    </tr>
  );
}
