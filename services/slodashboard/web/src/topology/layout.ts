// Where boxes stand: columns from left to right as the back end says, evenly spread, unless a person has put them elsewhere.

import type { Node } from '../api/types';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Positions = Readonly<Record<string, Point>>;

export const box = { width: 160, height: 80 } as const;

const columnWidth = 256;
const rowHeight = 100;

export function arrange(nodes: readonly Pick<Node, 'id' | 'column'>[]): Positions {
  const columns = new Map<number, string[]>();
  for (const { id, column } of nodes) columns.set(column, [...(columns.get(column) ?? []), id]);
  const tallest = Math.max(0, ...[...columns.values()].map((ids) => ids.length));
  const positions: Record<string, Point> = {};
  for (const [column, ids] of columns) {
    const top = ((tallest - ids.length) * rowHeight) / 2;
    ids.forEach((id, row) => {
      positions[id] = { x: column * columnWidth, y: top + row * rowHeight };
    });
  }
  return positions;
}

export function isPositions(value: unknown): value is Positions {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (point: unknown) =>
      typeof point === 'object' && point !== null && 'x' in point && 'y' in point && Number.isFinite(point.x) && Number.isFinite(point.y),
  );
}

export interface Curve {
  readonly path: string;
  readonly label: Point;
}

/** From the right of one box to the left of another. The label stands where lines of one source have parted. */
export function curve(from: Point, to: Point): Curve {
  const reach = Math.max(46, Math.abs(to.x - from.x) * 0.5);
  const points = [from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to] as const;
  const [a, b, c, d] = points;
  return {
    path: `M${a.x},${a.y} C${b.x},${b.y} ${c.x},${c.y} ${d.x},${d.y}`,
    label: { x: bezier(a.x, b.x, c.x, d.x), y: bezier(a.y, b.y, c.y, d.y) },
  };
}

const t = 0.66;

function bezier(a: number, b: number, c: number, d: number): number {
  const u = 1 - t;
  return u ** 3 * a + 3 * u ** 2 * t * b + 3 * u * t ** 2 * c + t ** 3 * d;
}

/** Seconds in which a dot moves on by one gap: quicker with traffic, in steps, since a new length of time would make it jump. */
export function pace(rps: number | null): number | undefined {
  if (rps === null || rps <= 0) return undefined;
  const step = Math.round(Math.log2(1 + rps));
  return Math.round(2400 / (1 + step * 0.9)) / 1000;
}

/** Wider with traffic, from a hairline to a band. */
export function strokeWidth(rps: number | null): number {
  return rps === null ? 1 : Math.min(4, 1 + Math.log10(1 + rps) * 0.9);
}
