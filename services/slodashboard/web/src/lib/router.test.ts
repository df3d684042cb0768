import { expect, test } from 'vitest';
import { href, parse } from './router';

test('a route is a view and its arguments', () => {
  expect(parse('')).toEqual({ view: '', rest: [] });
  expect(parse('#/overview')).toEqual({ view: 'overview', rest: [] });
  expect(parse('#/topology/price-service')).toEqual({ view: 'topology', rest: ['price-service'] });
  expect(parse('#/topology/%E0%A4%A')).toEqual({ view: 'topology', rest: ['%E0%A4%A'] });
});

test('href is the inverse of parse', () => {
  expect(parse(href('topology', 'a b/c'))).toEqual({ view: 'topology', rest: ['a b/c'] });
});
