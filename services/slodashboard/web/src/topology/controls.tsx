import { useId, useState, type ReactNode } from 'react';
import { resetControls, setControls } from '../api/actions';
import { controlsFeed } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Control, Controls } from '../api/types';
import { blank, choose, inWords, optionOf, problem, type Setting, settingFor, settingOf, toChanges } from './controls-draft';
import { NumberInput, SettingsForm } from './settings-form';

/** The controls of a component: what is in force, and a form to switch some of them. */
export function ControlsPanel({ component }: { readonly component: string }): ReactNode {
  const { data, error } = useFeed(controlsFeed(component));
  return (
    <section className="drawer-part settings switches" aria-label="Controls">
      <h3>Controls</h3>
      <p className="muted">Policies that can be switched while {component} runs. A restart of it resets them.</p>
      {error && (
        <p className="bad-text" role="status">
          Not available: {error.message}.
        </p>
      )}
      {data && <ControlsForm key={component} component={component} controls={data.controls} />}
    </section>
  );
}

interface FormProps {
  readonly component: string;
  readonly controls: Controls['controls'];
}

function ControlsForm({ component, controls }: FormProps): ReactNode {
  const [draft, setDraft] = useState(blank);
  const changes = toChanges(draft, controls);
  const forget = (replicas: number): number => {
    setDraft(({ forSeconds }) => ({ ...blank, forSeconds }));
    return replicas;
  };
  return (
    <SettingsForm
      what="Controls"
      service={component}
      forSeconds={draft.forSeconds}
      last={(forSeconds) => setDraft({ ...draft, forSeconds })}
      wrong={problem(draft, controls)}
      unchanged={changes.length === 0}
      resets="Reset all"
      set={() => setControls(component, changes).then(forget)}
      reset={() => resetControls(component).then(forget)}
    >
      {controls.map((control) => (
        <ControlRow
          key={control.name}
          control={control}
          setting={settingOf(draft, control)}
          choose={(setting) => setDraft(choose(draft, control, setting))}
        />
      ))}
    </SettingsForm>
  );
}

interface RowProps {
  readonly control: Control;
  readonly setting: Setting;
  readonly choose: (setting: Setting) => void;
}

function ControlRow({ control, setting, choose }: RowProps): ReactNode {
  const id = useId();
  const option = optionOf(control, setting);
  return (
    <div className="control">
      <label htmlFor={id}>
        <code>{control.name}</code>
      </label>
      <span id={`${id}-help`} className="muted">
        {control.help}
      </span>
      <span className="row">
        <select
          id={id}
          aria-describedby={`${id}-help ${id}-option ${id}-now`}
          value={setting.option}
          onChange={(event) => choose(settingFor(control, event.target.value))}
        >
          {control.options.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        {option && option.max > 0 && (
          <NumberInput
            label={`${control.name}, number of ${option.name}`}
            min={option.min}
            max={option.max}
            value={setting.value ?? Number.NaN}
            set={(value) => choose({ ...setting, value })}
          />
        )}
      </span>
      {option?.help && (
        <span id={`${id}-option`} className="quiet">
          {`${option.name}: ${option.help}`}
        </span>
      )}
      <span id={`${id}-now`} className="quiet">
        Now: {inWords(control)}
      </span>
    </div>
  );
}
