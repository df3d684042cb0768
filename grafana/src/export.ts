// Brings edits that were saved in a running Grafana back: node .build/export.js DIRECTORY. GRAFANA_URL says where it runs.
// It writes the dashboards of the directory as Grafana has them, in an order in which a diff shows what was edited and no more.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { arranged, type Fields, type Json } from './lib/arranged.js';

const url = process.env['GRAFANA_URL'] ?? 'http://127.0.0.1:3030';
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('which directory?');

for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  const path = join(directory, file);
  const made = JSON.parse(readFileSync(path, 'utf8')) as Fields;
  const saved = await dashboard(file.replace(/\.json$/, ''));
  writeFileSync(path, `${JSON.stringify(arranged(saved, made), null, 2)}\n`);
}

/** The dashboard as Grafana has it. */
async function dashboard(uid: string): Promise<Fields> {
  const response = await fetch(`${url}/api/dashboards/uid/${uid}`).catch((reason: unknown) => {
    throw new Error(`no Grafana answers at ${url}`, { cause: reason });
  });
  if (!response.ok) throw new Error(`${url} does not give dashboard ${uid}: ${response.status} ${await response.text()}`);
  const { dashboard } = (await response.json()) as { dashboard: Record<string, Json> };
  delete dashboard['id']; // its row in Grafana's database
  return dashboard;
}
