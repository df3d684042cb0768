// Where boxes stand: columns from left to right as the back end says, evenly spread, unless a person has put them elsewhere.

import type { Edge, Node } from '../api/types';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Positions = Readonly<Record<string, Point>>;

export const box = { width: 168, height: 80 } as const;

const columnWidth = 262;
const rowHeight = 100;

type Boxes = readonly Pick<Node, 'id' | 'column'>[];
type Lines = readonly Pick<Edge, 'from' | 'to'>[];

/** Each column stands as near to what leads to it as the tallest one allows. */
export function arrange(nodes: Boxes, edges: Lines): Positions {
  const columns = new Map<number, string[]>();
  for (const { id, column } of nodes) columns.set(column, [...(columns.get(column) ?? []), id]);
  const tallest = Math.max(0, ...[...columns.values()].map((ids) => ids.length));
  const positions: Record<string, Point> = {};
  for (const column of [...columns.keys()].sort((a, b) => a - b)) {
    const ids = columns.get(column) ?? [];
    const room = (tallest - ids.length) * rowHeight;
    const wanted = meanHeight(ids, edges, positions);
    const top = wanted === undefined ? room / 2 : Math.max(0, Math.min(room, wanted - ((ids.length - 1) * rowHeight) / 2));
    ids.forEach((id, row) => {
      positions[id] = { x: column * columnWidth, y: top + row * rowHeight };
    });
  }
  return positions;
}

/** Of the boxes that lead to these, as far as they have a place. */
function meanHeight(ids: readonly string[], edges: Lines, placed: Positions): number | undefined {
  const heights = edges.filter(({ to }) => ids.includes(to)).flatMap(({ from }) => placed[from]?.y ?? []);
  return heights.length === 0 ? undefined : heights.reduce((sum, y) => sum + y, 0) / heights.length;
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

/** Leaves a box sideways and enters the other sideways; back: to the left. The label
    stands where lines of one source have parted, and between columns. */
export function curve(from: Point, to: Point, back: boolean): Curve {
  const reach = Math.max(46, Math.abs(to.x - from.x) * (back ? 0.3 : 0.5)) * (back ? -1 : 1);
  const t = back ? 0.9 : 0.66;
  const [a, b, c, d] = [from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to] as const;
  return {
    path: `M${a.x},${a.y} C${b.x},${b.y} ${c.x},${c.y} ${d.x},${d.y}`,
    label: { x: bezier(t, a.x, b.x, c.x, d.x), y: bezier(t, a.y, b.y, c.y, d.y) },
  };
}

function bezier(t: number, a: number, b: number, c: number, d: number): number {
  const u = 1 - t;
  return u ** 3 * a + 3 * u ** 2 * t * b + 3 * u * t ** 2 * c + t ** 3 * d;
}

/** Seconds in which a dot moves on by one gap: quicker with traffic, in steps, since a new time would make it jump. */
export function pace(rps: number | null): number | undefined {
  if (rps === null || rps <= 0) return undefined;
  const step = Math.round(Math.log2(1 + rps));
  return Math.round(2400 / (1 + step * 0.9)) / 1000;
}

/** Wider with traffic, from a hairline to a band. */
export function strokeWidth(rps: number | null): number {
  return rps === null ? 1 : Math.min(4, 1 + Math.log10(1 + rps) * 0.9);
}
