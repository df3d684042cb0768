import { Background, ReactFlow, type NodeChange, type ReactFlowInstance, useNodesState } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Topology } from '../api/types';
import { go } from '../lib/router';
import { useShade } from '../lib/theme';
import { forget, keep, recall } from '../lib/storage';
import { box, arrange, isPositions, type Positions } from './layout';
import { inWords, onBox } from './numbers';
import { edgeColor, type Mode, nodeColor, type Own } from './palette';
import { Part, type PartNode, backwards, trouble } from './part';
import { Toolbar } from './toolbar';
import { Wire, type WireEdge } from './wire';

const nodeTypes = { part: Part };
const edgeTypes = { wire: Wire };
const fit = { padding: 0.06, maxZoom: 1.15 };
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

  useEffect(() => {
    const automatic = arrange(topology.nodes, topology.edges);
    setNodes((before) =>
      topology.nodes.map((node): PartNode => {
        const old = before.find(({ id }) => id === node.id);
        const position = old?.dragging ? old.position : (placed[node.id] ?? automatic[node.id] ?? { x: 0, y: 0 });
        const data = { node, color: nodeColor(node.id, node.severity, mode, own) };
        const ariaLabel = inWords(node.label, trouble(node) ?? node.severity, onBox(node));
        return { ...old, id: node.id, type: 'part', position, data, ariaLabel, ...box, selected: node.id === selected };
      }),
    );
  }, [topology, placed, selected, mode, own, setNodes]);

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
          attended: [edge.from, edge.to].some((id) => id === selected || id === pointed),
        },
      };
    });
  }, [topology, mode, own, selected, pointed]);

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

  // The drawer takes room from the graph, or gives it back: what was in sight should stay so.
  useEffect(() => {
    const timer = setTimeout(() => flow.current && show(flow.current, selected), 80);
    return () => clearTimeout(timer);
  }, [selected]);

  const reset = (): void => {
    forget(key);
    setPlaced({});
    setTimeout(() => flow.current && show(flow.current, undefined), 50);
  };

  return (
    <div className="graph" onKeyDown={openOnEnter}>
      <ReactFlow<PartNode, WireEdge>
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
          setTimeout(() => show(instance, selected), 50);
        }}
        colorMode={shade}
        minZoom={0.25}
        maxZoom={2}
        nodesConnectable={false}
        deleteKeyCode={null}
        multiSelectionKeyCode={null}
        selectionKeyCode={null}
        aria-label="Service graph; the same as tables below"
      >
        <Background gap={24} size={1} />
      </ReactFlow>
      <Toolbar
        zoomIn={() => void flow.current?.zoomIn()}
        zoomOut={() => void flow.current?.zoomOut()}
        fit={() => void flow.current?.fitView(fit)}
        reset={reset}
        moved={Object.keys(placed).length > 0}
      />
      {toolbar}
    </div>
  );
}

/** The smallest zoom at which the text of a box can be read. */
const readable = 0.62;

/** Shows the whole graph where it can be read that small. Elsewhere, as on a phone, it shows the selected box, or the beginning. */
function show(flow: ReactFlowInstance<PartNode, WireEdge>, selected: string | undefined): void {
  const pane = document.querySelector('.graph')?.getBoundingClientRect();
  const nodes = flow.getNodes();
  if (!pane || nodes.length === 0) return;
  const bounds = flow.getNodesBounds(nodes);
  const whole = Math.min(pane.width / bounds.width, pane.height / bounds.height) * (1 - 2 * fit.padding);
  if (whole >= readable) {
    void flow.fitView(fit);
    return;
  }
  const zoom = 0.8;
  const node = selected === undefined ? undefined : flow.getNode(selected);
  const x = node ? node.position.x + box.width / 2 : bounds.x + pane.width / zoom / 2 - 12;
  void flow.setCenter(x, node ? node.position.y + box.height / 2 : bounds.y + bounds.height / 2, { zoom });
}

/** Enter on a focused box does what a click does. */
function openOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.target instanceof HTMLElement)) return;
  const id = event.target.closest<HTMLElement>('.react-flow__node')?.dataset['id'];
  if (id !== undefined) go('topology', id);
}
