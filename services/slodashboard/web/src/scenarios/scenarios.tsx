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
      aside={feed.data && <p className="quiet">{`${feed.data.running} running, at most ${feed.data.limit}`}</p>}
      feed={feed}
    >
      {(data) => (
        <div className="stack">
          {!data.available && (
            <p className="panel empty watch-text" role="status">
              Scenarios are not available: {data.reason}
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

/** Returns the reason why no further scenario can be started, if so. */
function blocked({ available, running, limit, experiment }: Scenarios): string | undefined {
  if (!available) return 'k6 is not available';
  if (experiment !== '') return `paused while the experiment ${experiment} is running`;
  return running >= limit ? `the limit of ${limit} concurrent ${limit === 1 ? 'scenario' : 'scenarios'} is reached` : undefined;
}
