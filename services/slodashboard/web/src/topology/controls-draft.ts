// What a person chooses of a component's controls, and what of it goes to the component. The component checks it.

import type { Control, ControlChange, ControlOption } from '../api/types';
import { elapsed } from '../lib/format';

/** An option, with its number if it takes one. */
export interface Setting {
  readonly option: string;
  /** NaN while its field is empty. */
  readonly value?: number;
}

export interface ControlsDraft {
  /** What was chosen, by control. The others stay as they are. */
  readonly chosen: Readonly<Record<string, Setting>>;
  readonly forSeconds: number;
}

export const blank: ControlsDraft = { chosen: {}, forSeconds: 60 };

function parse(text: string): Setting {
  const [option = '', value] = text.split('=');
  return value === undefined ? { option } : { option, value: Number(value) };
}

/** Returns what is chosen of a control, else what is in force. */
export function settingOf({ chosen }: ControlsDraft, { name, option }: Control): Setting {
  return chosen[name] ?? parse(option);
}

export function optionOf({ options }: Control, { option }: Setting): ControlOption | undefined {
  return options.find(({ name }) => name === option);
}

/** Returns an option as it is chosen first: with the number in force or that of the start, else the least. */
export function settingFor({ option, start, options }: Control, wanted: string): Setting {
  const known = [option, start].map(parse).find((setting) => setting.option === wanted);
  if (known) return known;
  const { min = 0, max = 0 } = options.find(({ name }) => name === wanted) ?? {};
  return max > 0 ? { option: wanted, value: min } : { option: wanted };
}

export function choose(draft: ControlsDraft, control: Control, setting: Setting): ControlsDraft {
  return { ...draft, chosen: { ...draft.chosen, [control.name]: setting } };
}

/** What is wrong with it, for a person. */
export function problem(draft: ControlsDraft, controls: readonly Control[]): string | undefined {
  for (const control of controls) {
    const { option, value } = settingOf(draft, control);
    const { min = 0, max = 0 } = optionOf(control, { option }) ?? {};
    if (value !== undefined && !(Number.isInteger(value) && value >= min && value <= max))
      return `${control.name}: ${option} takes a whole number from ${min} to ${max}.`;
  }
  return undefined;
}

/** The changes, one for each control with a choice. */
export function toChanges(draft: ControlsDraft, controls: readonly Control[]): readonly ControlChange[] {
  return controls
    .filter(({ name }) => name in draft.chosen)
    .map((control) => {
      const { option, value } = settingOf(draft, control);
      return { control: control.name, option: value === undefined ? option : `${option}=${value}`, forSeconds: draft.forSeconds };
    });
}

/** What is in force: static=30 for another 40 s, then adaptive. */
export function inWords({ option, start, forSeconds }: Control): string {
  return forSeconds > 0 ? `${option} for another ${elapsed(forSeconds * 1000)}, then ${start}` : option;
}
