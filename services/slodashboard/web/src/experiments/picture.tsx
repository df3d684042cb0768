import type { ReactNode } from 'react';
import { stillTopology } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Topology } from '../api/types';
import { type Positions, arrange, arrangeRows, between, box, curve, down } from '../topology/layout';

/** The graph is drawn flatter than that of the topology, as its boxes hold only a name. */
const height = 42;
const margin = 3;

/** Where in the service graph an experiment sets something: columns, or rows on a phone. What it sets is beside it in words. */
export function Picture({ marked }: { readonly marked: readonly string[] }): ReactNode {
  const { data } = useFeed(stillTopology);
  if (!data) return null;
  return (
    <div className="where" aria-hidden="true">
      <Drawing graph={data} marked={marked} rows={false} />
      <Drawing graph={data} marked={marked} rows />
    </div>
  );
}

interface DrawingProps {
  readonly graph: Topology;
  readonly marked: readonly string[];
  readonly rows: boolean;
}

function Drawing({ graph: { nodes, edges }, marked, rows }: DrawingProps): ReactNode {
  const at = rows ? flat(arrangeRows(nodes), (height + between) / (box.height + between)) : flat(arrange(nodes, edges), height / box.height);
  const [right, bottom] = [Math.max(...Object.values(at).map(({ x }) => x + box.width)), Math.max(...Object.values(at).map(({ y }) => y + height))];
  return (
    <svg className={rows ? 'rows' : 'columns'} viewBox={`${-margin} ${-margin} ${right + 2 * margin} ${bottom + 2 * margin}`}>
      {edges.map(({ id, from, to }) => (
        <path key={id} d={lineOf(at, from, to, rows)} />
      ))}
      {nodes.map(({ id, label }) => {
        const { x, y } = at[id] ?? { x: 0, y: 0 };
        return (
          <g key={id} className={marked.includes(id) ? 'marked' : undefined}>
            <rect x={x} y={y} width={box.width} height={height} rx={6} />
            <text x={x + box.width / 2} y={y + height / 2}>
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

const flat = (at: Positions, by: number): Positions => Object.fromEntries(Object.entries(at).map(([id, { x, y }]) => [id, { x, y: y * by }]));

/** Returns the path of an edge, from side to side or, in rows, from bottom to top. */
function lineOf(at: Positions, from: string, to: string, rows: boolean): string {
  const [a, b] = [at[from], at[to]];
  if (!a || !b) return '';
  const half = box.width / 2;
  if (rows) {
    const upward = b.y < a.y;
    return down({ x: a.x + half, y: upward ? a.y : a.y + height }, { x: b.x + half, y: upward ? b.y + height : b.y }).path;
  }
  const back = b.x < a.x;
  return curve({ x: back ? a.x : a.x + box.width, y: a.y + height / 2 }, { x: back ? b.x + box.width : b.x, y: b.y + height / 2 }, back).path;
}
