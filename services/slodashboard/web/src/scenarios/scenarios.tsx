import { useEffect, type ReactNode } from 'react';
import { runs, scenarios } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Scenarios } from '../api/types';
import { useRoute } from '../lib/router';
import { View } from '../ui/view';
import { ScenarioCard } from './card';
import { RunHistory } from './history';
import './scenarios.css';

export default function ScenariosView(): ReactNode {
  const feed = useFeed(scenarios);
  const past = useFeed(runs);
  const [wanted] = useRoute().rest;
  const there = feed.data !== undefined;
  useEffect(() => {
    if (there && wanted) document.getElementById(`scenario-${wanted}`)?.scrollIntoView({ block: 'nearest' });
  }, [there, wanted]);

  return (
    <View
      title="Scenarios"
      lead="Each scenario is a k6 script that sends real traffic. Start one and watch for the effects it lists. Several can run at once."
      aside={feed.data && <p className="quiet">{`${feed.data.running} of at most ${feed.data.limit} running`}</p>}
      feed={feed}
    >
      {(data) => (
        <div className="stack">
          {!data.available && (
            <p className="panel empty watch-text" role="status">
              Nothing can be started: {data.reason}
            </p>
          )}
          <div className="grid cards">
            {data.scenarios.map((scenario) => (
              <ScenarioCard
                key={scenario.id}
                scenario={scenario}
                blocked={blocked(data)}
              />
            ))}
          </div>
          <RunHistory feed={past} scenarios={data.scenarios} />
        </div>
      )}
    </View>
  );
}

/** Why no further scenario can be started. */
function blocked({ available, running, limit }: Scenarios): string | undefined {
  if (!available) return 'k6 is not available';
  return running >= limit ? `${running} of at most ${limit} scenarios run: stop one first` : undefined;
}
