// Pictures of a running dashboard, docs/pictures/dashboard-<view>.png: `npm run pictures` takes those that the documents show. With PICTURES, another
// folder, it takes all views there, light and dark. The dashboard is the one at DASHBOARD_URL, http://127.0.0.1:3100 if that is not set.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const url = process.env.DASHBOARD_URL ?? 'http://127.0.0.1:3100';
const everything = process.env.PICTURES !== undefined;
const folder = process.env.PICTURES ?? fileURLToPath(new URL('../../../../docs/pictures/', import.meta.url));
const desk = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
const settle = 2500;

/** Where each picture is taken. Those that the documents have are in one scheme. */
const shots = {
  overview: {},
  topology: { documented: 'dark' },
  scenarios: {},
  hybrid: {},
  experiments: { documented: 'light' },
  hash: {},
  queues: {},
  node: { path: 'topology/price-service' },
  phone: { path: 'overview', viewport: phone },
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
mkdirSync(folder, { recursive: true });

async function take(file, path, colorScheme, viewport) {
  const page = await browser.newPage({ colorScheme, viewport });
  await page.goto(`${url}/#/${path}`);
  await page.locator('main h1').waitFor();
  await page.waitForTimeout(settle);
  await page.screenshot({ path: join(folder, `dashboard-${file}.png`) });
  await page.close();
}

for (const [name, { path = name, documented, viewport = desk }] of Object.entries(shots)) {
  if (everything) for (const scheme of ['light', 'dark']) await take(`${name}-${scheme}`, path, scheme, viewport);
  else if (documented) await take(name, path, documented, viewport);
}
await browser.close();
