// The layout of the graph: columns from left to right, or rows from top to bottom on a narrow screen.

import type { Edge, Node } from '../api/types';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Positions = Readonly<Record<string, Point>>;

export const box = { width: 168, height: 92 } as const;

const columnWidth = 262;
const rowHeight = 108;

/** The narrowest pane in which columns are readable, in pixels. */
export const narrowest = 720;

/** In rows: the horizontal gap between two nodes, where edges run down, and the vertical gap between two rows. */
const channel = 28;
export const between = 34;
const middle = box.width + channel / 2;
const margin = 10;

export const fit = { padding: 0.06, maxZoom: 1.15 } as const;
export const fitRows = { padding: `${margin}px`, maxZoom: 1.15 } as const;

type Boxes = readonly Pick<Node, 'id' | 'column'>[];
type Lines = readonly Pick<Edge, 'from' | 'to'>[];

/** Returns the columns from left to right, each with its nodes. */
function columnsOf(nodes: Boxes): readonly (readonly [column: number, ids: readonly string[]])[] {
  const columns = new Map<number, string[]>();
  for (const { id, column } of nodes) columns.set(column, [...(columns.get(column) ?? []), id]);
  return [...columns].sort(([a], [b]) => a - b);
}

/** Arranges the nodes in columns. Each column is centred on its predecessors, within the height of the tallest column. */
export function arrange(nodes: Boxes, edges: Lines): Positions {
  const columns = columnsOf(nodes);
  const tallest = Math.max(0, ...columns.map(([, ids]) => ids.length));
  const positions: Record<string, Point> = {};
  for (const [column, ids] of columns) {
    const room = (tallest - ids.length) * rowHeight;
    const wanted = meanHeight(ids, edges, positions);
    const top = wanted === undefined ? room / 2 : Math.max(0, Math.min(room, wanted - ((ids.length - 1) * rowHeight) / 2));
    ids.forEach((id, row) => {
      positions[id] = { x: column * columnWidth, y: top + row * rowHeight };
    });
  }
  return positions;
}

/** Arranges the nodes in rows for a narrow pane. Each column becomes rows of two nodes; a single node is centred. */
export function arrangeRows(nodes: Boxes): Positions {
  const positions: Record<string, Point> = {};
  let top = 0;
  for (const [, ids] of columnsOf(nodes)) {
    ids.forEach((id, i) => {
      const x = ids.length === 1 ? middle - box.width / 2 : (i % 2) * (box.width + channel);
      positions[id] = { x, y: top + Math.floor(i / 2) * (box.height + between) };
    });
    top += Math.ceil(ids.length / 2) * (box.height + between);
  }
  return positions;
}

/** Returns the height of a pane that shows all rows at the given width. */
export function heightOfRows(positions: Positions, width: number): number {
  const bottom = Math.max(0, ...Object.values(positions).map(({ y }) => y + box.height));
  const zoom = Math.min(fitRows.maxZoom, (width - 2 * margin) / (2 * middle));
  return Math.ceil(bottom * zoom + 2 * margin);
}

/** Returns the mean y of the placed predecessors of nodes, or undefined if there are none. */
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

/** Returns an edge from side to side; back: to the left. Its label is near the target, where edges of the same source have diverged. */
export function curve(from: Point, to: Point, back: boolean): Curve {
  const reach = Math.max(46, Math.abs(to.x - from.x) * (back ? 0.3 : 0.5)) * (back ? -1 : 1);
  const t = back ? 0.9 : 0.66;
  const [a, b, c, d] = [from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to] as const;
  return {
    path: `M${a.x},${a.y} C${b.x},${b.y} ${c.x},${c.y} ${d.x},${d.y}`,
    label: { x: bezier(t, a.x, b.x, c.x, d.x), y: bezier(t, a.y, b.y, c.y, d.y) },
  };
}

/** Returns an edge between rows. It runs through the gap in the middle, so that it crosses no node. Its label is near the target. */
export function down(from: Point, to: Point): Curve {
  const turn = (Math.sign(to.y - from.y) * between) / 2;
  const [a, b] = [from.y + turn, to.y - turn];
  return {
    path: `M${from.x},${from.y} Q${from.x},${a} ${middle},${a} L${middle},${b} Q${to.x},${b} ${to.x},${to.y}`,
    label: { x: (middle + to.x) / 2, y: b },
  };
}

function bezier(t: number, a: number, b: number, c: number, d: number): number {
  const u = 1 - t;
  return u ** 3 * a + 3 * u ** 2 * t * b + 3 * u * t ** 2 * c + t ** 3 * d;
}

/** Returns the period of the dots in seconds, shorter with more traffic. It changes in steps, because dots jump on a change. */
export function pace(rps: number | null): number | undefined {
  if (rps === null || rps <= 0) return undefined;
  const step = Math.round(Math.log2(1 + rps));
  return Math.round(2400 / (1 + step * 0.9)) / 1000;
}

/** Returns the width of an edge, from 1 to 4 pixels, wider with more traffic. */
export function strokeWidth(rps: number | null): number {
  return rps === null ? 1 : Math.min(4, 1 + Math.log10(1 + rps) * 0.9);
}
