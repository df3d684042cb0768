import { describe, expect, test } from 'vitest';
import { arrange, arrangeRows, box, curve, down, heightOfRows, isPositions, pace, strokeWidth } from './layout';

const nodes = [
  { id: 'clients', column: 0 },
  { id: 'api', column: 1 },
  ...['a', 'b', 'c', 'd'].map((id) => ({ id, column: 2 })),
  { id: 'behind-d', column: 3 },
];
const edges = [
  { from: 'clients', to: 'api' },
  ...['a', 'b', 'c', 'd'].map((to) => ({ from: 'api', to })),
  { from: 'd', to: 'behind-d' },
];

describe('arrange', () => {
  const at = arrange(nodes, edges);
  test('goes from left to right', () => expect(at['clients']?.x).toBeLessThan(at['api']?.x ?? 0));
  test('has boxes of a column not touch', () => expect((at['b']?.y ?? 0) - (at['a']?.y ?? 0)).toBeGreaterThan(box.height));
  test('puts a box beside what leads to it', () => expect(at['behind-d']?.y).toBe(at['d']?.y));
  test('is the same each time', () => expect(arrange(nodes, edges)).toEqual(at));
  test('of nothing', () => expect(arrange([], [])).toEqual({}));
});

describe('arrangeRows', () => {
  const at = arrangeRows(nodes);
  test('goes from top to bottom', () => {
    expect(at['clients']?.y).toBeLessThan(at['api']?.y ?? 0);
    expect(at['d']?.y).toBeLessThan(at['behind-d']?.y ?? 0);
  });
  test('has two boxes side by side at most', () => {
    expect(at['a']?.y).toBe(at['b']?.y);
    expect((at['c']?.y ?? 0) - (at['a']?.y ?? 0)).toBeGreaterThan(box.height);
    expect(new Set(['a', 'b', 'c', 'd'].map((id) => at[id]?.x)).size).toBe(2);
  });
  test('needs a taller pane where that is wider', () => expect(heightOfRows(at, 360)).toBeGreaterThan(heightOfRows(at, 300)));
});

test('a line between rows runs down the middle', () => {
  expect(down({ x: 84, y: 80 }, { x: 280, y: 342 }).path).toBe('M84,80 Q84,97 182,97 L182,325 Q280,325 280,342');
});

test('only positions are taken for positions', () => {
  expect(isPositions({ api: { x: 1, y: 2 } })).toBe(true);
  for (const wrong of [null, 7, { api: 1 }, { api: { x: '1', y: 2 } }, { api: { x: 1 } }, { api: { x: Infinity, y: 0 } }])
    expect(isPositions(wrong)).toBe(false);
});

test('a line leaves and enters sideways', () => {
  expect(curve({ x: 0, y: 0 }, { x: 100, y: 50 }, false).path).toBe('M0,0 C50,0 50,50 100,50');
  expect(curve({ x: 300, y: 0 }, { x: 100, y: 50 }, true).path).toBe('M300,0 C240,0 160,50 100,50');
});

test('dots move with traffic, quicker with more, and not without', () => {
  expect(pace(null)).toBeUndefined();
  expect(pace(0)).toBeUndefined();
  expect(pace(1000)).toBeLessThan(pace(10) ?? 0);
  expect(pace(10)).toBeLessThan(pace(0.5) ?? 0);
  expect(pace(40), 'a little more does not make them jump').toBe(pace(41));
});

test('lines are wider with traffic, up to a bound', () => {
  expect(strokeWidth(null)).toBe(1);
  expect(strokeWidth(100)).toBeGreaterThan(strokeWidth(1));
  expect(strokeWidth(1e9)).toBe(4);
});
