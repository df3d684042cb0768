import { useState, type ReactNode } from 'react';
import { resetCapacity, setCapacity } from '../api/actions';
import { capacityFeed } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Capacity } from '../api/types';
import { elapsed } from '../lib/format';
import { type CapacityDraft, disciplines, inWords, isDiscipline, toChange, toDraft } from './capacity-draft';
import { NumberInput, PercentInput, SettingsForm } from './settings-form';

/** The capacity of a service: the current one, and a form to change it. */
export function CapacityPanel({ service }: { readonly service: string }): ReactNode {
  const { data, error } = useFeed(capacityFeed(service));
  return (
    <section className="drawer-part settings" aria-label="Capacity">
      <h3>Capacity</h3>
      {data && (
        <p className="muted">
          Now: {inWords(data)}
          {data.forSeconds > 0 ? `, for another ${elapsed(data.forSeconds * 1000)}` : ''}.
        </p>
      )}
      {error && (
        <p className="bad-text" role="status">
          Not available: {error.message}.
        </p>
      )}
      {data && <CapacityForm key={service} service={service} capacity={data} />}
    </section>
  );
}

interface FormProps {
  readonly service: string;
  readonly capacity: Capacity;
}

function CapacityForm({ service, capacity }: FormProps): ReactNode {
  const [draft, setDraft] = useState<CapacityDraft>(() => toDraft(capacity));
  const change = (part: Partial<CapacityDraft>): void => setDraft({ ...draft, ...part });
  return (
    <SettingsForm
      what="Capacity"
      service={service}
      forSeconds={draft.forSeconds}
      last={(forSeconds) => change({ forSeconds })}
      set={() => setCapacity(service, toChange(draft))}
      reset={() => resetCapacity(service)}
    >
      <div className="form-row">
        <span>Capacity</span>
        <span className="row">
          <NumberInput label="Capacity, requests" min={1} value={draft.capacity} set={(value) => change({ capacity: value })} />
          <span className="quiet">requests at a time</span>
        </span>
      </div>
      <div className="form-row">
        <span>Queue</span>
        <span className="row">
          <NumberInput label="Queue, requests" min={0} value={draft.queue} set={(queue) => change({ queue })} disabled={draft.discipline === 'unbounded'} />
          <span className="quiet">more may wait</span>
        </span>
      </div>
      <label className="form-row">
        <span>Discipline</span>
        <select value={draft.discipline} onChange={({ target: { value } }) => isDiscipline(value) && change({ discipline: value })}>
          {Object.entries(disciplines).map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <div className="form-row">
        <span>Slowdown</span>
        <span className="row">
          <NumberInput label="Slowdown, factor" min={1} step={0.1} value={draft.slowdown} set={(slowdown) => change({ slowdown })} />
          <span className="quiet">× when full</span>
        </span>
      </div>
      <div className="form-row">
        <span>Slow above</span>
        <span className="row">
          <PercentInput label="Slows down above, busy" step={5} value={draft.slowAbovePct} set={(slowAbovePct) => change({ slowAbovePct })} />
          <span className="quiet">busy</span>
        </span>
      </div>
      <label className="form-row">
        <span>Abandoned</span>
        <span className="row">
          <input type="checkbox" checked={draft.serveAbandoned} onChange={(event) => change({ serveAbandoned: event.target.checked })} />
          <span className="quiet">serve requests whose caller has gone</span>
        </span>
      </label>
    </SettingsForm>
  );
}
