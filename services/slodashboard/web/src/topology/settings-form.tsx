import { useId, type FormEvent, type ReactNode } from 'react';
import { scenarios } from '../api/feeds';
import { useFeed } from '../api/feed';
import { useAction } from '../ui/action';
import { notify } from '../ui/notices';

const durations: readonly (readonly [seconds: number, label: string])[] = [
  [30, '30 seconds'],
  [60, '1 minute'],
  [120, '2 minutes'],
  [300, '5 minutes'],
  [900, '15 minutes'],
  [0, 'until changed'],
];

interface Props {
  /** What the settings are, such as Fault. */
  readonly what: string;
  readonly service: string;
  readonly forSeconds: number;
  readonly last: (forSeconds: number) => void;
  /** What is wrong with the input, if anything. */
  readonly wrong?: string | undefined;
  /** There is nothing to apply. */
  readonly unchanged?: boolean;
  /** Label of the button that resets. */
  readonly resets?: string;
  /** Both return how many replicas of the service took the change. */
  readonly set: () => Promise<number>;
  readonly reset: () => Promise<number>;
  readonly children: ReactNode;
}

/** A form that changes settings of a service for a time, unless an experiment runs, which that would spoil. Its rows are the children. */
export function SettingsForm({ what, service, forSeconds, last, wrong, unchanged = false, resets = 'Reset', set, reset, children }: Props): ReactNode {
  const experiment = useFeed(scenarios).data?.experiment ?? '';
  const blocked = experiment !== '';
  const reason = useId();
  const [busy, act] = useAction(`${what} of ${service}`);
  const apply = (change: () => Promise<number>, done: string): void =>
    act(async () => {
      const replicas = await change();
      notify('done', `${what} of ${service} ${done}${replicas > 1 ? ` on all ${replicas} replicas` : ''}.`);
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    apply(set, 'set');
  };
  return (
    <form onSubmit={submit}>
      {children}
      <label className="form-row">
        <span>For</span>
        <select value={forSeconds} onChange={(event) => last(Number(event.target.value))}>
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
      {blocked && (
        <p id={reason} className="quiet">
          Nothing can be changed while the experiment {experiment} is running.
        </p>
      )}
      <div className="row">
        <button
          type="submit"
          className="button primary"
          disabled={busy || blocked || unchanged || wrong !== undefined}
          aria-describedby={blocked ? reason : undefined}
        >
          Apply
        </button>
        <button
          type="button"
          className="button"
          disabled={busy || blocked}
          aria-describedby={blocked ? reason : undefined}
          onClick={() => apply(reset, 'reset')}
        >
          {resets}
        </button>
      </div>
    </form>
  );
}

interface NumberInputProps {
  readonly label: string;
  readonly value: number;
  readonly set: (value: number) => void;
  readonly min: number;
  readonly max?: number;
  readonly step?: number;
  readonly disabled?: boolean;
}

/** A number that is NaN while its field is empty. */
export function NumberInput({ label, value, set, ...bounds }: NumberInputProps): ReactNode {
  return (
    <input
      type="number"
      aria-label={label}
      required
      {...bounds}
      value={Number.isNaN(value) ? '' : value}
      onChange={(event) => set(event.target.valueAsNumber)}
    />
  );
}

interface PercentInputProps {
  readonly label: string;
  readonly value: number;
  readonly set: (value: number) => void;
  readonly step: number;
}

export function PercentInput({ label, value, set, step }: PercentInputProps): ReactNode {
  return (
    <>
      <input
        type="range"
        aria-label={label}
        min={0}
        max={100}
        step={step}
        value={value}
        aria-valuetext={`${value} percent`}
        onChange={(event) => set(Number(event.target.value))}
      />
      <output>{value}%</output>
    </>
  );
}
