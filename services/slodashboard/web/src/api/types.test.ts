import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generate, target } from '../../tools/types.mjs';

test('types.ts is what the API says of itself; if not: npm run types', () => {
  expect(readFileSync(target, 'utf8')).toBe(generate());
});
