// The built page on a running platform.

import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type View, type Watched, launch, open, schemes, views } from '../browser';
import { Stack, url } from './stack';

let stack: Stack;
let browser: Browser;
let watched: Watched | undefined;

beforeAll(async () => {
  stack = await Stack.start();
  browser = await launch();
});

afterEach(() => watched?.page.context().close());

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const soon = { timeout: 60_000, interval: 500 };

/** A number in the accessible name of a node; NaN if there is none. */
async function numberOf(page: Page, node: string, number: 'rate' | 'depth'): Promise<number> {
  const name = (await page.locator(`.react-flow__node[data-id="${node}"]`).getAttribute('aria-label')) ?? '';
  const text = new RegExp(`${number} ([\\d.,]+)`).exec(name)?.[1];
  return text === undefined ? Number.NaN : Number(text.replaceAll(',', ''));
}

/** Reports whether the page shows the effect of a scenario, which normal traffic does not have. */
type Effect = (page: Page) => Promise<boolean>;

const exceeds =
  (node: string, number: 'rate' | 'depth', limit: number): Effect =>
  async (page) =>
    (await numberOf(page, node, number)) > limit;

const runs =
  (side: string): Effect =>
  async (page) =>
    (await page.locator('.comparison thead th', { hasText: side }).getByText('running').count()) === 1;

test('normal traffic runs from the start', async () => {
  watched = await open(browser, url);
  await watched.page.locator('.going').getByText('Normal traffic').waitFor();
  const rate = watched.page.locator('.indicator', { hasText: 'Request rate' }).locator('.quantity');
  await expect.poll(async () => Number.parseFloat((await rate.textContent()) ?? ''), soon).toBeGreaterThan(0.5);
  expect(stack.find('k6', 'scenarios/normal.ts')).toHaveLength(1);
  watched.expectClean();
});

/** The visible texts in red, without the legend. */
async function red(page: Page): Promise<readonly string[]> {
  return page.locator('.bad, .bad-text, [style*="--bad"]').evaluateAll((found) =>
    found.filter((one) => one.checkVisibility() && !one.closest('.graph-legend')).map((one) => one.closest('[aria-label]')?.getAttribute('aria-label') ?? one.textContent),
  );
}

const restedFor = 120_000;
// A machine that does other things may need some minutes until twenty seconds pass without red. With MINUTES_AT_REST all of that many must.
const asked = 60_000 * Number(process.env['MINUTES_AT_REST'] ?? 0);
const calmFor = asked || 20_000;
const calmWithin = asked || 300_000;

test('nothing is red from two minutes after the start', { timeout: restedFor + calmWithin + 60_000 }, async () => {
  watched = await open(browser, url);
  await setTimeout(Math.max(0, stack.started + restedFor - Date.now()));
  const begun = Date.now();
  for (let since = begun; Date.now() - since < calmFor; await setTimeout(2000)) {
    for (const view of ['overview', 'topology', 'queues', 'scenarios'] as const) {
      await watched.show(view);
      const found = await red(watched.page);
      if (found.length === 0) continue;
      since = Date.now();
      expect(since - begun + calmFor, `${new Date().toISOString()}, in ${view}: ${found.join('; ')}`).toBeLessThanOrEqual(calmWithin);
    }
  }
  watched.expectClean();
});

test.each(views)('%s shows live data and is accessible, light and dark', async (view) => {
  watched = await open(browser, url);
  await watched.show(view);
  await watched.page.locator('main .quantity:not(.none), main .check-value b').first().waitFor();
  for (const colorScheme of schemes) {
    await watched.page.emulateMedia({ colorScheme });
    await watched.expectAccessible();
  }
  watched.expectClean();
});

const effects: Record<string, [View, Effect]> = {
  spike: ['topology', exceeds('experience-api', 'rate', 12)],
  chaotic: ['topology', exceeds('enrichment-jobs', 'depth', 100)],
  'high-throughput': ['topology', exceeds('experience-api', 'rate', 60)],
  'enqueue-10k': ['topology', exceeds('enrichment-jobs', 'depth', 4000)],
  'hash-bad': ['hash', runs('Bad')],
  'hash-good': ['hash', runs('Good')],
};

test.each(Object.entries(effects))('%s starts and stops its process, and the page shows its effect', async (id, [view, effect]) => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('scenarios');
  const card = page.locator(`#scenario-${id}`);
  await card.getByRole('button', { name: 'Start' }).click();
  await card.getByRole('button', { name: 'Stop' }).waitFor();
  await expect.poll(() => stack.find('k6', `scenarios/${id}.ts`).length, soon).toBe(1);
  await watched.show(view);
  await expect.poll(() => effect(page), soon).toBe(true);
  await watched.show('scenarios');
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => stack.find('k6', `scenarios/${id}.ts`).length, soon).toBe(0);
  await card.locator('.outcome', { hasText: 'stopped' }).waitFor();
  watched.expectClean();
});

test('a fault is set, shown in the graph, and reset', async () => {
  watched = await open(browser, `${url}/#/topology/price-service`);
  const { page } = watched;
  const drawer = page.getByRole('region', { name: 'Synthetic fault' });
  await drawer.getByRole('slider', { name: 'Failures' }).fill('60');
  await drawer.getByRole('button', { name: 'Apply' }).click();
  await drawer.getByText(/fails 60%, for another/).waitFor();
  const node = page.locator('.react-flow__node[data-id="price-service"]');
  await node.getByText('fails 60%').waitFor();
  await drawer.getByRole('button', { name: 'Reset' }).click();
  await drawer.getByText(/fails 1.5%\./).waitFor();
  await node.getByText('fails 60%').waitFor({ state: 'detached' });
  watched.expectClean();
});

test('positions and colours are kept over a reload', async () => {
  watched = await open(browser, `${url}/#/topology/redis`);
  const { page } = watched;
  const redis = page.locator('.react-flow__node[data-id="redis"]');
  await page.getByRole('button', { name: 'Custom' }).click();
  await page.getByRole('button', { name: 'pink' }).click();
  await redis.hover();
  await page.mouse.down();
  await page.mouse.move(520, 420, { steps: 5 });
  await page.mouse.up();
  const moved = await redis.getAttribute('style');
  await page.reload();
  await expect.poll(() => redis.getAttribute('style')).toBe(moved);
  expect(await redis.locator('.part').getAttribute('style')).toContain('--pink');
  watched.expectClean();
});

interface Controls {
  readonly controls: readonly { readonly name: string; readonly option: string; readonly start: string }[];
}

test('an experiment is predicted, run and judged, and all settings are back', { timeout: 360_000 }, async () => {
  watched = await open(browser, `${url}/#/experiments/breaker`);
  const { page } = watched;
  await page.getByRole('radio').first().check();
  for (const question of await page.locator('.question').all()) await question.getByRole('radio').last().check();
  await page.getByLabel('Rounds').selectOption('1');
  await page.getByLabel('Quick').check();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const state = page.locator('.run-state');
  await state.getByText('Disturbed:').waitFor({ timeout: 180_000 });
  await state.getByText(/The run has ended: \d of \d promises met/).waitFor({ timeout: 300_000 });
  await page.getByRole('region', { name: 'Prediction and outcome' }).getByText('You predicted:').first().waitFor();
  await page.getByRole('link', { name: /^Open the report/ }).waitFor();
  const { controls } = (await (await fetch('http://127.0.0.1:3000/admin/controls')).json()) as Controls;
  expect(controls.filter((control) => control.option !== control.start)).toEqual([]);
  expect(await (await fetch(`${url}/api/faults/price-service`)).json()).toMatchObject({ blackhole: false });
  await expect.poll(() => stack.find('k6', 'scenarios/normal.ts').length, soon).toBe(1);
  watched.expectClean();
});

test('the page says that Prometheus was killed, and recovers by itself', async () => {
  watched = await open(browser, url);
  const banner = watched.page.locator('.banner');
  await watched.page.locator('.indicator .quantity:not(.none)').first().waitFor();
  const [prometheus] = stack.find('/prometheus ');
  // It is stopped first, as a killed one is back within a second, which the page may miss.
  process.kill(prometheus?.pid ?? 0, 'SIGSTOP');
  await banner.getByText('Prometheus does not answer').waitFor();
  expect(await banner.textContent()).toMatch(/Numbers are from \d\d:\d\d:\d\d/);
  process.kill(prometheus?.pid ?? 0, 'SIGKILL');
  await banner.waitFor({ state: 'detached', timeout: 60_000 });
  watched.expectClean({ refused: true });
});

describe('a page of another origin', () => {
  const json = { 'Content-Type': 'application/json' };
  const silence = JSON.stringify({
    matchers: [{ name: 'alertname', value: '.+', isRegex: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 60_000).toISOString(),
    createdBy: 'another origin',
    comment: 'silence everything',
  });
  const asked: Record<string, [address: string, init?: RequestInit]> = {
    'read alerts': ['http://127.0.0.1:9093/api/v2/alerts'],
    'silence alerts': ['http://127.0.0.1:9093/api/v2/silences', { method: 'POST', headers: json, body: silence }],
    'silence alerts unseen': ['http://127.0.0.1:9093/api/v2/silences', { method: 'POST', mode: 'no-cors', body: silence }],
    'read Prometheus': ['http://127.0.0.1:9090/api/v1/query?query=up'],
    'set a fault': ['http://127.0.0.1:3001/admin/fault', { method: 'PUT', headers: json, body: '{"errorRatePct":50}' }],
    'pause a queue': ['http://127.0.0.1:8081/api/queues/enrichment-jobs:pause', { method: 'POST' }],
  };
  let other: Server;

  beforeAll(async () => {
    other = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end('<title>other</title>'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
  });

  afterAll(() => other.close());

  test.each(Object.entries(asked))('can not %s', async (_, [address, init]) => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const got = await page.evaluate(
      ([to, how]) =>
        fetch(to, how).then(
          (response) => response.type,
          () => 'refused',
        ),
      [address, init] as const,
    );
    await page.close();
    expect(got).toBe(init?.mode === 'no-cors' ? 'opaque' : 'refused');
    expect(await (await fetch('http://127.0.0.1:9093/api/v2/silences')).json()).toEqual([]);
  });

  const own = ['http://127.0.0.1:9090/api/v1/query?query=up', 'http://127.0.0.1:9093/api/v2/alerts'];
  test.each(own)('but %s answers its own', async (address) => {
    const page = await browser.newPage();
    await page.goto(new URL('/', address).href);
    expect(await page.evaluate((to) => fetch(to).then((response) => response.status), address)).toBe(200);
    await page.close();
  });
});
