import type { ReactNode } from 'react';
import { sli, slo } from '../api/feeds';
import { useFeed } from '../api/feed';
import { View } from '../ui/view';
import { Alerts } from './alerts';
import { indicators } from './indicators';
import { Indicator } from './indicator';
import { Objectives } from './objectives';
import { Outside } from './outside';
import './overview.css';

export default function Overview(): ReactNode {
  const indicatorFeed = useFeed(sli);
  const objectiveFeed = useFeed(slo);
  return (
    <View title="Overview" lead="The six indicators over the last 15 minutes, the service level objectives, and the active alerts." feed={indicatorFeed}>
      {(now) => (
        <div className="stack">
          <div className="grid indicators">
            {indicators.map((indicator) => (
              <Indicator key={indicator.name} indicator={indicator} now={now} />
            ))}
          </div>
          <Outside measured={now.outside} />
          <Objectives feed={objectiveFeed} />
          <Alerts feed={objectiveFeed} />
        </div>
      )}
    </View>
  );
}
