import { Background, ReactFlow, type NodeChange, type ReactFlowInstance, useNodesState } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Topology } from '../api/types';
import { go } from '../lib/router';
import { useShade } from '../lib/theme';
import { forget, keep, recall } from '../lib/storage';
import { arrange, arrangeRows, box, fit, fitRows, heightOfRows, isPositions, narrowest, type Positions } from './layout';
import { inWords, onBox, onSlots, severityOfLoad } from './numbers';
import { edgeColor, type Mode, nodeColor, type Own } from './palette';
import { Part, type PartNode, backwards, trouble } from './part';
import { Toolbar } from './toolbar';
import { Wire, type WireEdge } from './wire';

const nodeTypes = { part: Part };
const edgeTypes = { wire: Wire };
const key = 'topology.positions';

interface Props {
  readonly topology: Topology;
  readonly selected: string | undefined;
  readonly mode: Mode;
  readonly own: Own;
  readonly toolbar: ReactNode;
}

export function Graph({ topology, selected, mode, own, toolbar }: Props): ReactNode {
  const [placed, setPlaced] = useState<Positions>(() => recall(key, {}, isPositions));
  const [nodes, setNodes, apply] = useNodesState<PartNode>([]);
  const flow = useRef<ReactFlowInstance<PartNode, WireEdge> | null>(null);
  const [pointed, setPointed] = useState<string>();
  const shade = useShade();
  const pane = useRef<HTMLDivElement>(null);
  const width = useWidth(pane);
  const rows = width < narrowest;
  const automatic = useMemo(() => (rows ? arrangeRows(topology.nodes) : arrange(topology.nodes, topology.edges)), [topology, rows]);
  const show = useCallback(() => void flow.current?.fitView(rows ? fitRows : fit), [rows]);

  useEffect(() => {
    if (width === 0) return;
    setNodes((before) =>
      topology.nodes.map((node): PartNode => {
        const old = before.find(({ id }) => id === node.id);
        const position = old?.dragging ? old.position : ((rows ? undefined : placed[node.id]) ?? automatic[node.id] ?? { x: 0, y: 0 });
        const load = severityOfLoad(node, topology.thresholds);
        const data = { node, load, rows, color: nodeColor(node.id, node.severity, mode, own) };
        const ariaLabel = inWords(node.label, trouble(node) ?? node.severity, onBox(node), onSlots(node));
        return { ...old, id: node.id, type: 'part', position, data, ariaLabel, ...box, selected: node.id === selected };
      }),
    );
  }, [topology, automatic, width, rows, placed, selected, mode, own, setNodes]);

  const edges = useMemo(() => {
    const column = new Map(topology.nodes.map((node) => [node.id, node.column]));
    return topology.edges.map((edge): WireEdge => {
      const back = (column.get(edge.to) ?? 0) < (column.get(edge.from) ?? 0);
      return {
        id: edge.id,
        type: 'wire',
        source: edge.from,
        target: edge.to,
        ...(back ? { sourceHandle: backwards.source, targetHandle: backwards.target } : {}),
        focusable: false,
        data: {
          edge,
          color: edgeColor(edge.to, edge.severity, mode, own),
          back,
          rows,
          attended: [edge.from, edge.to].some((id) => id === selected || id === pointed),
        },
      };
    });
  }, [topology, rows, mode, own, selected, pointed]);

  const changed = useCallback(
    (changes: NodeChange<PartNode>[]) => {
      apply(changes.filter((change) => change.type !== 'select' && change.type !== 'remove'));
      const moved = changes.filter((change) => change.type === 'position' && change.dragging !== true && change.position);
      if (moved.length === 0) return;
      setPlaced((before) => {
        const after = { ...before };
        for (const change of moved) if (change.type === 'position' && change.position) after[change.id] = change.position;
        keep(key, after);
        return after;
      });
    },
    [apply],
  );

  // Fits the graph again after the drawer has opened or closed and the pane has its new size.
  useEffect(() => {
    const timer = setTimeout(show, 80);
    return () => clearTimeout(timer);
  }, [selected, width, show]);

  const reset = (): void => {
    forget(key);
    setPlaced({});
    setTimeout(show, 50);
  };

  return (
    <div className={rows ? 'graph rows' : 'graph'} onKeyDown={openOnEnter}>
      <div ref={pane} className="pane" style={rows ? { height: heightOfRows(automatic, width) } : undefined}>
        {width > 0 && (
          <ReactFlow<PartNode, WireEdge>
            key={String(rows)}
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            onNodesChange={changed}
            onNodeClick={(_, node) => go('topology', node.id)}
            onNodeMouseEnter={(_, node) => setPointed(node.id)}
            onNodeMouseLeave={() => setPointed(undefined)}
            onPaneClick={() => selected && go('topology')}
            onInit={(instance) => {
              flow.current = instance;
              setTimeout(show, 50);
            }}
            colorMode={shade}
            minZoom={0.25}
            maxZoom={2}
            nodesDraggable={!rows}
            panOnDrag={!rows}
            zoomOnScroll={!rows}
            zoomOnPinch={!rows}
            zoomOnDoubleClick={!rows}
            preventScrolling={!rows}
            nodesConnectable={false}
            deleteKeyCode={null}
            multiSelectionKeyCode={null}
            selectionKeyCode={null}
            aria-label="Service graph; the same as tables below"
          >
            <Background gap={24} size={1} />
          </ReactFlow>
        )}
      </div>
      {!rows && (
        <Toolbar
          zoomIn={() => void flow.current?.zoomIn()}
          zoomOut={() => void flow.current?.zoomOut()}
          fit={show}
          reset={reset}
          moved={Object.keys(placed).length > 0}
        />
      )}
      {toolbar}
    </div>
  );
}

/** Returns the width of an element in pixels, 0 before it is known. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return undefined;
    const { current } = element;
    setWidth(current.clientWidth);
    const resized = new ResizeObserver(() => setWidth(current.clientWidth));
    resized.observe(current);
    return () => resized.disconnect();
  }, [element]);
  return width;
}

/** Opens the focused node on Enter, as a click does. */
function openOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.target instanceof HTMLElement)) return;
  const id = event.target.closest<HTMLElement>('.react-flow__node')?.dataset['id'];
  if (id !== undefined) go('topology', id);
}
