import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generate, target } from '../../tools/types.mjs';

test('types.ts is up to date with openapi.json (npm run types)', () => {
  expect(readFileSync(target, 'utf8')).toBe(generate());
});
