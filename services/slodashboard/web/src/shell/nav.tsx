import type { ReactNode } from 'react';
import { links } from '../api/feeds';
import { useFeed } from '../api/feed';
import { href } from '../lib/router';
import { Icon } from '../ui/icons';
import { ThemeSwitch } from './theme-switch';
import { views } from './views';

export function Nav({ current }: { readonly current: string }): ReactNode {
  return (
    <header className="rail">
      <a className="brand" href={href('overview')} aria-label="Deals Under Load, overview">
        <img src="/favicon.svg" alt="" width="22" height="22" />
        <span>Deals Under Load</span>
      </a>
      <nav aria-label="Views">
        <ul>
          {views.filter(({ under }) => under === '').map(({ id, label, icon }) => (
            <li key={id}>
              <a href={href(id)} aria-current={id === current ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{label}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Outside />
      <ThemeSwitch />
    </header>
  );
}

/** The available pages of the platform. Tempo has no page of its own. */
export function Outside(): ReactNode {
  const pages = useFeed(links).data?.pages.filter(({ id, available }) => available && id !== 'tempo') ?? [];
  if (pages.length === 0) return null;
  return (
    <nav aria-label="Other pages of the platform" className="outside">
      <ul>
        {pages.map(({ id, label, url }) => (
          <li key={id}>
            <a href={url} target="_blank" rel="noreferrer">
              <span>{label}</span>
              <Icon name="out" size={12} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
