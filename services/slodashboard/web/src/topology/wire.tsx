import { EdgeLabelRenderer, type Edge as FlowEdge, type EdgeProps } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import type { Edge } from '../api/types';
import { curve, down, pace, strokeWidth } from './layout';
import { onEdge, onLimit, onLine } from './numbers';

export interface WireData extends Record<string, unknown> {
  readonly edge: Edge;
  readonly color: string;
  /** It goes to the left or up, as calls of workers do. It is drawn behind the others. */
  readonly back: boolean;
  /** One of its nodes is selected or hovered. */
  readonly attended: boolean;
  readonly rows: boolean;
}

/** How far a label stays from the box of the target. */
const clear = 3;

export type WireEdge = FlowEdge<WireData, 'wire'>;

/** An edge of the graph: with more traffic it is wider and its dots move faster. In rows, labels and edges that go back are shown for the
    selected node only. */
export const Wire = memo(function Wire({ id, sourceX, sourceY, targetX, targetY, data }: EdgeProps<WireEdge>): ReactNode {
  if (!data) return null;
  const { edge, color, back, attended, rows } = data;
  if (rows && back && !attended) return null;
  const [from, to] = [{ x: sourceX, y: sourceY }, { x: targetX, y: targetY }];
  const { path, label } = rows ? down(from, to) : curve(from, to, back);
  const seconds = pace(edge.rps ?? null);
  const stroke = `var(--${color})`;
  const shown = onEdge(edge);
  const limit = attended || edge.waiting ? onLimit(edge) : undefined;
  // Beside the target, whatever the width of the label is.
  const beside = back ? `max(${label.x}px, ${targetX + clear}px + 50%)` : `min(${label.x}px, ${targetX - clear}px - 50%)`;
  const center = rows ? `${label.x}px` : beside;
  const labelled = attended || (!rows && (!back || edge.severity === 'watch' || edge.severity === 'bad'));
  return (
    <>
      <path id={id} className={back ? 'wire back' : 'wire'} d={path} style={{ stroke, strokeWidth: strokeWidth(edge.rps) }} />
      {seconds !== undefined && (
        <path className={back ? 'wire-flow back' : 'wire-flow'} d={path} style={{ stroke, animationDuration: `${seconds}s`, strokeWidth: strokeWidth(edge.rps) + 2 }} />
      )}
      {labelled && (shown.length > 0 || edge.breaker === 'open') && (
        <EdgeLabelRenderer>
          <div
            className={`edge-label ${edge.severity}`}
            style={{ transform: `translate(calc(${center} - 50%), calc(${label.y}px - 50%))` }}
            aria-hidden="true"
          >
            {edge.breaker === 'open' && <b className="bad-text">breaker open</b>}
            {edge.breaker === 'half-open' && <b className="watch-text">breaker half-open</b>}
            {shown.map((each) => (
              <span key={each.number}>{onLine(each)}</span>
            ))}
            {limit?.split(', ').map((line) => <span key={line}>{line}</span>)}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
