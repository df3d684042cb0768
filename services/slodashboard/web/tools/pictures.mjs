// Pictures of all views of a running dashboard, light and dark, for the README: docs/pictures/dashboard-<view>-<scheme>.png.
// `npm run pictures` asks the one at DASHBOARD_URL, http://127.0.0.1:3100 if that is not set.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const url = process.env.DASHBOARD_URL ?? 'http://127.0.0.1:3100';
const folder = process.env.PICTURES ?? fileURLToPath(new URL('../../../../docs/pictures/', import.meta.url));
const views = ['overview', 'topology', 'scenarios', 'hybrid', 'hash', 'queues'];
const desk = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
const settle = 2500;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
mkdirSync(folder, { recursive: true });

async function take(name, view, colorScheme, viewport) {
  const page = await browser.newPage({ colorScheme, viewport });
  await page.goto(`${url}/#/${view}`);
  await page.locator('main h1').waitFor();
  await page.waitForTimeout(settle);
  await page.screenshot({ path: join(folder, `dashboard-${name}-${colorScheme}.png`) });
  await page.close();
}

for (const scheme of ['dark', 'light']) {
  for (const view of views) await take(view, view, scheme, desk);
  await take('node', 'topology/price-service', scheme, desk);
  await take('phone', 'overview', scheme, phone);
}
await browser.close();
