// node .build/export.js DIRECTORY [FILE...] writes dashboards edited in Grafana to the directory. The files are written by Grafana's
// "Save JSON to file". Without files it reads all dashboards from the Grafana at GRAFANA_URL.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { arranged, type Json } from './lib/arranged.js';

type Dashboard = Record<string, Json>;

const url = process.env['GRAFANA_URL'] ?? 'http://127.0.0.1:3030';
const [directory, ...files] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: export.js DIRECTORY [FILE...]');

for (const edited of files.length > 0 ? files.map(read) : await Promise.all(uids(directory).map(saved))) {
  delete edited['id']; // key in Grafana's database
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

/** Returns a dashboard from Grafana. */
async function saved(uid: string): Promise<Dashboard> {
  const response = await fetch(`${url}/api/dashboards/uid/${uid}`).catch((reason: unknown) => {
    throw new Error(`connect to Grafana at ${url}`, { cause: reason });
  });
  if (!response.ok) throw new Error(`get dashboard ${uid} from ${url}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { dashboard: Dashboard }).dashboard;
}
