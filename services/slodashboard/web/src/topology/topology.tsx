import { useState, type ReactNode } from 'react';
import { topology } from '../api/feeds';
import { useFeed } from '../api/feed';
import { useRoute } from '../lib/router';
import { forget, keep, recall } from '../lib/storage';
import { Segments } from '../ui/segments';
import { View } from '../ui/view';
import { Drawer } from './drawer';
import { Graph } from './graph';
import { Legend } from './legend';
import { isMode, isOwn, type Mode, type Own } from './palette';
import { GraphTables } from './tables';
import './topology.css';

const modes = [
  { value: 'severity', label: 'By severity' },
  { value: 'own', label: 'Custom' },
] as const;

export default function TopologyView(): ReactNode {
  const feed = useFeed(topology);
  const [selected] = useRoute().rest;
  const [mode, setMode] = useState<Mode>(() => recall('palette.mode', 'severity', isMode));
  const [own, setOwn] = useState<Own>(() => recall('palette.own', {}, isOwn));

  const choose = (next: Mode): void => {
    setMode(next);
    keep('palette.mode', next);
  };
  const paintNode = (id: string, hue: string | undefined): void => {
    const { [id]: _, ...others } = own;
    const next = hue === undefined ? others : { ...others, [id]: hue };
    setOwn(next);
    if (Object.keys(next).length > 0) keep('palette.own', next);
    else forget('palette.own');
  };

  const aside = (
    <div className="row">
      <span className="quiet">Colours</span>
      <Segments<Mode> label="Colours" value={mode} choices={modes} choose={choose} />
    </div>
  );
  return (
    <View
      title="Topology"
      lead="Each edge is a call or a job, from its source to its target. Select a node to see its numbers, and to set its capacity, faults and controls."
      aside={aside}
      feed={feed}
    >
      {(data) => {
        const node = data.nodes.find(({ id }) => id === selected);
        return (
          <>
            <div className={node ? 'topology open' : 'topology'}>
              <Graph
                topology={data}
                selected={selected}
                mode={mode}
                own={own}
                toolbar={<Legend thresholds={data.thresholds} mode={mode} />}
              />
              {node && (
                <Drawer
                  key={node.id}
                  node={node}
                  topology={data}
                  {...(mode === 'own' ? { paint: { own, set: paintNode } } : {})}
                />
              )}
            </div>
            <GraphTables topology={data} />
          </>
        );
      }}
    </View>
  );
}
