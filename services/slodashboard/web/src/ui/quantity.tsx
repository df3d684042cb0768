import type { ReactNode } from 'react';
import { type Unit, type Value, noTraffic, write } from '../lib/format';

interface Props {
  readonly value: Value;
  readonly unit: Unit;
  /** The minimum width in characters, so that nothing beside it moves. */
  readonly width?: number;
  /** The text if there is no number. */
  readonly none?: string;
}

/** A number with its unit. */
export function Quantity({ value, unit, width, none = noTraffic.text }: Props): ReactNode {
  const { text, unit: suffix } = write(value, unit);
  const style = width === undefined ? undefined : { minWidth: `${width}ch` };
  if (text === noTraffic.text)
    return (
      <span className="quantity none" style={style}>
        {none}
      </span>
    );
  return (
    <span className="quantity" style={style}>
      {text}
      {suffix !== '' && <small>{suffix}</small>}
    </span>
  );
}
