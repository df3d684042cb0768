// node .build/main.js DIRECTORY replaces the dashboards in the directory.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dashboards } from './dashboards/index.js';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: main.js DIRECTORY');

mkdirSync(directory, { recursive: true });
for (const file of readdirSync(directory)) {
  if (file.endsWith('.json')) rmSync(join(directory, file));
}
for (const dashboard of dashboards()) {
  writeFileSync(join(directory, `${dashboard.uid}.json`), `${JSON.stringify(dashboard, null, 2)}\n`);
}
