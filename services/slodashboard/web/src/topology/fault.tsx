import { useState, type FormEvent, type ReactNode } from 'react';
import { resetFault, setFault } from '../api/actions';
import { faultFeed } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Fault } from '../api/types';
import { elapsed } from '../lib/format';
import { useAction } from '../ui/action';
import { notify } from '../ui/notices';
import { type FaultDraft, durations, problem, toChange, toDraft } from './fault-draft';

/** The synthetic fault of a service: the current one, and a form to change it. */
export function FaultPanel({ service }: { readonly service: string }): ReactNode {
  const { data, error } = useFeed(faultFeed(service));
  return (
    <section className="drawer-part fault" aria-label="Synthetic fault">
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
    <p className="muted current-fault">
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
  const [busy, act] = useAction(`Fault of ${service}`);
  const wrong = problem(draft);
  const change = (part: Partial<FaultDraft>): void => setDraft({ ...draft, ...part });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      await setFault(service, toChange(draft));
      notify('done', `Fault of ${service} set.`);
    });
  };
  const reset = (): void =>
    act(async () => {
      await resetFault(service);
      notify('done', `Fault of ${service} reset.`);
    });

  return (
    <form onSubmit={submit}>
      <div className="fault-row">
        <span id="fault-latency">Latency</span>
        <span className="row" role="group" aria-labelledby="fault-latency">
          <Milliseconds label="from" value={draft.latencyMinMs} set={(latencyMinMs) => change({ latencyMinMs })} />
          to
          <Milliseconds label="to" value={draft.latencyMaxMs} set={(latencyMaxMs) => change({ latencyMaxMs })} />
          ms
        </span>
      </div>
      <label className="fault-row">
        <span>Failures</span>
        <span className="row">
          <input
            type="range"
            min={0}
            max={100}
            step={0.5}
            value={draft.failurePct}
            aria-valuetext={`${draft.failurePct} percent`}
            onChange={(event) => change({ failurePct: Number(event.target.value) })}
          />
          <output>{draft.failurePct}%</output>
        </span>
      </label>
      <label className="fault-row">
        <span>Blackhole</span>
        <span className="row">
          <input type="checkbox" checked={draft.blackhole} onChange={(event) => change({ blackhole: event.target.checked })} />
          <span className="quiet">accepts requests, never answers</span>
        </span>
      </label>
      <label className="fault-row">
        <span>For</span>
        <select value={draft.forSeconds} onChange={(event) => change({ forSeconds: Number(event.target.value) })}>
          {durations.map(([seconds, label]) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {wrong && (
        <p className="bad-text" role="status">
          {wrong}
        </p>
      )}
      <div className="row">
        <button type="submit" className="button primary" disabled={busy || wrong !== undefined}>
          Apply
        </button>
        <button type="button" className="button" disabled={busy} onClick={reset}>
          Reset
        </button>
      </div>
    </form>
  );
}

interface MillisecondsProps {
  readonly label: string;
  readonly value: number;
  readonly set: (value: number) => void;
}

function Milliseconds({ label, value, set }: MillisecondsProps): ReactNode {
  return (
    <input
      type="number"
      aria-label={`${label}, milliseconds`}
      min={0}
      max={30_000}
      step={1}
      required
      value={Number.isNaN(value) ? '' : value}
      onChange={(event) => set(event.target.valueAsNumber)}
    />
  );
}
