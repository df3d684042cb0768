import { useState, type ReactNode } from 'react';
import { resetFault, setFault } from '../api/actions';
import { faultFeed } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Fault } from '../api/types';
import { elapsed } from '../lib/format';
import { type FaultDraft, problem, toChange, toDraft } from './fault-draft';
import { NumberInput, PercentInput, SettingsForm } from './settings-form';

/** The synthetic fault of a service: the current one, and a form to change it. */
export function FaultPanel({ service }: { readonly service: string }): ReactNode {
  const { data, error } = useFeed(faultFeed(service));
  return (
    <section className="drawer-part settings" aria-label="Synthetic fault">
      <h3>Synthetic fault</h3>
      {data && <Current fault={data} />}
      {error && (
        <p className="bad-text" role="status">
          Not available: {error.message}.
        </p>
      )}
      {data && <FaultForm key={service} service={service} fault={data} />}
    </section>
  );
}

function Current({ fault }: { readonly fault: Fault }): ReactNode {
  const { latencyMinMs, latencyMaxMs, failureRate, blackhole, forSeconds } = fault;
  return (
    <p className="muted">
      Now: {blackhole ? 'accepts requests and never answers' : `${latencyMinMs} to ${latencyMaxMs} ms, fails ${+(failureRate * 100).toFixed(2)}%`}
      {forSeconds > 0 ? `, for another ${elapsed(forSeconds * 1000)}` : ''}.
    </p>
  );
}

interface FormProps {
  readonly service: string;
  readonly fault: Fault;
}

function FaultForm({ service, fault }: FormProps): ReactNode {
  const [draft, setDraft] = useState<FaultDraft>(() => toDraft(fault));
  const change = (part: Partial<FaultDraft>): void => setDraft({ ...draft, ...part });
  return (
    <SettingsForm
      what="Fault"
      service={service}
      forSeconds={draft.forSeconds}
      last={(forSeconds) => change({ forSeconds })}
      wrong={problem(draft)}
      set={() => setFault(service, toChange(draft))}
      reset={() => resetFault(service)}
    >
      <div className="form-row">
        <span id="fault-latency">Latency</span>
        <span className="row" role="group" aria-labelledby="fault-latency">
          <Milliseconds label="from" value={draft.latencyMinMs} set={(latencyMinMs) => change({ latencyMinMs })} />
          to
          <Milliseconds label="to" value={draft.latencyMaxMs} set={(latencyMaxMs) => change({ latencyMaxMs })} />
          ms
        </span>
      </div>
      <div className="form-row">
        <span>Failures</span>
        <span className="row">
          <PercentInput label="Failures" step={0.5} value={draft.failurePct} set={(failurePct) => change({ failurePct })} />
        </span>
      </div>
      <label className="form-row">
        <span>Blackhole</span>
        <span className="row">
          <input type="checkbox" checked={draft.blackhole} onChange={(event) => change({ blackhole: event.target.checked })} />
          <span className="quiet">accepts requests, never answers</span>
        </span>
      </label>
    </SettingsForm>
  );
}

interface MillisecondsProps {
  readonly label: string;
  readonly value: number;
  readonly set: (value: number) => void;
}

function Milliseconds({ label, value, set }: MillisecondsProps): ReactNode {
  return <NumberInput label={`${label}, milliseconds`} min={0} max={30_000} value={value} set={set} />;
}
