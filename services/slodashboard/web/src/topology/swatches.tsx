import type { ReactNode } from 'react';
import { hues, type Own } from './palette';

interface Props {
  readonly id: string;
  readonly own: Own;
  /** undefined: as before. */
  readonly set: (id: string, hue: string | undefined) => void;
}

/** A person's own colour for a box. */
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
        as before
      </button>
    </fieldset>
  );
}
