import type { ReactNode } from 'react';

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: ReactNode; readonly name?: string }[];
  readonly choose: (value: T) => void;
}

/** A group of buttons of which one is selected. */
export function Segments<T extends string>({ label, value, choices, choose }: Props<T>): ReactNode {
  return (
    <div className="segments" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          aria-label={choice.name}
          title={choice.name}
          onClick={() => choose(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}
