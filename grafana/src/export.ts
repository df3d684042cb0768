// Brings edits that were made in Grafana back: node .build/export.js DIRECTORY [FILE...]. It writes the dashboards of the directory as
// the files have them, each saved with Grafana's "Save JSON to file"; without files, as the Grafana at GRAFANA_URL has them.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { arranged, type Json } from './lib/arranged.js';

type Dashboard = Record<string, Json>;

const url = process.env['GRAFANA_URL'] ?? 'http://127.0.0.1:3030';
const [directory, ...files] = process.argv.slice(2);
if (directory === undefined) throw new Error('which directory?');

for (const edited of files.length > 0 ? files.map(read) : await Promise.all(uids(directory).map(saved))) {
  delete edited['id']; // its row in Grafana's database
  const path = join(directory, `${String(edited['uid'])}.json`);
  writeFileSync(path, `${JSON.stringify(arranged(edited, read(path)), null, 2)}\n`);
}

function uids(directory: string): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''));
}

function read(file: string): Dashboard {
  return JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
}

/** The dashboard as Grafana has it. */
async function saved(uid: string): Promise<Dashboard> {
  const response = await fetch(`${url}/api/dashboards/uid/${uid}`).catch((reason: unknown) => {
    throw new Error(`no Grafana answers at ${url}`, { cause: reason });
  });
  if (!response.ok) throw new Error(`${url} does not give dashboard ${uid}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { dashboard: Dashboard }).dashboard;
}
