import type { ReactNode } from 'react';
import { hues, type Own } from './palette';

interface Props {
  readonly id: string;
  readonly own: Own;
  /** hue undefined: the default colour. */
  readonly set: (id: string, hue: string | undefined) => void;
}

/** Chooses a custom colour for a node. */
export function Swatches({ id, own, set }: Props): ReactNode {
  return (
    <fieldset className="drawer-part swatches">
      <legend>Colour</legend>
      {hues.map((hue) => (
        <button
          key={hue}
          type="button"
          aria-label={hue.replace('-', ' ')}
          aria-pressed={own[id] === hue}
          style={{ background: `var(--${hue})` }}
          onClick={() => set(id, hue)}
        />
      ))}
      <button type="button" className="link" onClick={() => set(id, undefined)}>
        Default
      </button>
    </fieldset>
  );
}
