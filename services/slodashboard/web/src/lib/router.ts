// Routes are in the fragment of the URL: #/topology/price-service. The first part is the view, the rest are its arguments.

import { useSyncExternalStore } from 'react';

export interface Route {
  readonly view: string;
  readonly rest: readonly string[];
}

export function parse(hash: string): Route {
  const [view = '', ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  return { view, rest };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(view: string, ...rest: readonly string[]): string {
  return `#/${[view, ...rest].map(encodeURIComponent).join('/')}`;
}

export function go(view: string, ...rest: readonly string[]): void {
  location.hash = href(view, ...rest);
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

let last = { hash: '', route: parse('') };

function current(): Route {
  if (location.hash !== last.hash) last = { hash: location.hash, route: parse(location.hash) };
  return last.route;
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}
