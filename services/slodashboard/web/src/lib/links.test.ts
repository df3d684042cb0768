import { expect, test } from 'vitest';
import type { Links, Page } from '../api/types';
import { fill, linkTo, linksOf } from './links';

const page = (id: Page['id'], available: boolean): Page => ({
  id,
  label: id,
  available,
  url: 'http://there',
  links: [
    { id: 'overview', label: 'Overview', url: 'http://there?from={from}&to={to}' },
    { id: 'service', label: 'Panel', url: 'http://there?s={service}&from={from}' },
  ],
});
const links: Links = { pages: [page('grafana', true), page('pyroscope', false)] };

test('values are encoded', () => expect(fill('x?q={query}', { query: 'a{b="c"} & d' })).toBe('x?q=a%7Bb%3D%22c%22%7D%20%26%20d'));

test('times are whole milliseconds', () => expect(fill('x?to={to}', { to: 1.6 })).toBe('x?to=2'));
test('a template with an unknown value gives no link', () => expect(fill('x?t={trace}', { from: 1 })).toBeUndefined());

test('only available pages are linked', () => {
  expect(linkTo(links, 'grafana', 'overview', { from: 1, to: 2 })).toEqual({ label: 'Overview in grafana', url: 'http://there?from=1&to=2' });
  expect(linkTo(links, 'pyroscope', 'overview', { from: 1, to: 2 })).toBeUndefined();
  expect(linkTo(undefined, 'grafana', 'overview', {})).toBeUndefined();
  expect(linksOf(links, { service: 'price-service', from: 1 })).toEqual([{ label: 'Panel in grafana', url: 'http://there?s=price-service&from=1' }]);
});
