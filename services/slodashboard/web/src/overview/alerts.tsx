import type { ReactNode } from 'react';
import { links } from '../api/feeds';
import { type Snapshot, useFeed } from '../api/feed';
import type { Alert, Links, SLO } from '../api/types';
import { age, clock } from '../lib/format';
import { linkTo } from '../lib/links';
import { useNow } from '../lib/now';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';

export function Alerts({ feed }: { readonly feed: Snapshot<SLO> }): ReactNode {
  const pages = useFeed(links).data;
  const alertmanager = pages?.pages.find((page) => page.id === 'alertmanager' && page.available);
  const alerts = feed.data?.alerts ?? [];
  const aside = alertmanager && (
    <a href={alertmanager.url} target="_blank" rel="noreferrer">
      Alertmanager
    </a>
  );
  return (
    <Panel title="Alerts" aside={aside} flush>
      {alerts.length > 0 ? (
        <ul className="alerts">
          {alerts.map((alert) => (
            <AlertLine key={`${alert.name} ${alert.set} ${alert.component} ${alert.severity} ${alert.since}`} alert={alert} pages={pages} />
          ))}
        </ul>
      ) : (
        <p className="empty row">
          {feed.data && <Icon name="check" />}
          {feed.data ? 'No alert is firing or pending.' : 'Unknown.'}
        </p>
      )}
    </Panel>
  );
}

function AlertLine({ alert, pages }: { readonly alert: Alert; readonly pages: Links | undefined }): ReactNode {
  const now = useNow();
  const { name, state, severity, set, objective, component, since, summary, runbook } = alert;
  const kind = state === 'pending' ? 'watch' : 'bad';
  const graph = linkTo(pages, 'prometheus', 'graph', { query: `ALERTS{alertname="${name}"}` });
  return (
    <li className={kind}>
      <div className="row">
        <span className={`tag ${kind}`}>{state === 'pending' ? 'pending' : severity || 'firing'}</span>
        <strong>{objective ? objective.replaceAll('-', ' ') : name}</strong>
        <span className="quiet">{component || (set.endsWith('lab-time') ? 'lab time' : set && '30 days')}</span>
        <span className="since" title={`since ${clock(since)}`}>
          {age(now - Date.parse(since))}
        </span>
      </div>
      <p className="muted">{summary}</p>
      <p className="quiet runbook">
        {runbook && (
          <a href={runbook} target="_blank" rel="noreferrer">
            Runbook
          </a>
        )}
        {graph && (
          <a href={graph.url} target="_blank" rel="noreferrer">
            {graph.label}
          </a>
        )}
      </p>
    </li>
  );
}
