import { Handle, Position, type Node as FlowNode, type NodeProps } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import type { Node, Severity } from '../api/types';
import { age } from '../lib/format';
import { Icon } from '../ui/icons';
import { Quantity } from '../ui/quantity';
import { onBox, onSlots } from './numbers';

export interface PartData extends Record<string, unknown> {
  readonly node: Node;
  readonly color: string;
  /** Of the load of its capacity. */
  readonly load: Severity;
  /** In rows, edges enter at the top and leave at the bottom. */
  readonly rows: boolean;
}

export type PartNode = FlowNode<PartData, 'part'>;

/** Returns what is wrong with a node, or undefined. */
export function trouble({ up, fault, silent, replicas }: Node): string | undefined {
  if (up === false) return 'down';
  if (silent > 0) return `${silent} of ${silent + replicas} down`;
  if (fault?.blackhole) return 'blackhole';
  return fault && fault.failureRate >= 0.05 ? `fails ${Math.round(fault.failureRate * 100)}%` : undefined;
}

/** The handles of edges that go to the left, or up. */
export const backwards = { source: 'back-out', target: 'back-in' } as const;

const justNow = 60; // seconds

/** Returns that one of a node's instances has just started, or undefined. */
function started({ startedSec }: Node): string | undefined {
  return startedSec !== null && startedSec < justNow ? `started ${age(1000 * startedSec)} ago` : undefined;
}

/** A node of the graph. */
export const Part = memo(function Part({ data, selected }: NodeProps<PartNode>): ReactNode {
  const { node, color, load, rows } = data;
  const [before, after] = rows ? [Position.Top, Position.Bottom] : [Position.Left, Position.Right];
  const what = trouble(node);
  const slots = onSlots(node);
  const below = [slots ?? [], started(node) ?? []].flat().join(', ');
  return (
    <div className={selected ? 'part selected' : 'part'} style={{ borderLeftColor: `var(--${color})` }}>
      <Handle type="target" position={before} isConnectable={false} />
      <div className="part-head">
        <strong>{node.label}</strong>
        {(node.severity === 'watch' || node.severity === 'bad') && (
          <span className={`part-sign ${node.severity}-text`}>
            <Icon name="alert" size={13} />
          </span>
        )}
        {what ? <span className="tag bad">{what}</span> : node.replicas > 1 && <span className="tag">{node.replicas}×</span>}
      </div>
      <dl>
        {onBox(node).map(({ number, short, value, unit }) => (
          <div key={number}>
            <dt>{short}</dt>
            <dd>
              <Quantity value={value} unit={unit} none="–" />
            </dd>
          </div>
        ))}
      </dl>
      {below !== '' && (
        <p className={`part-slots ${load}`}>
          {below}
          {slots !== undefined && <i className="part-load" style={{ width: `${Math.min(100, node.loadPct ?? 0)}%` }} />}
        </p>
      )}
      <Handle type="source" position={after} isConnectable={false} />
      <Handle id={backwards.source} type="source" position={before} isConnectable={false} />
      <Handle id={backwards.target} type="target" position={after} isConnectable={false} />
    </div>
  );
});
