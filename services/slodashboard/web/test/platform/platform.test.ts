// The built page on the running platform: what a learner does, from the first look to a lost Prometheus.

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Watched, launch, open, schemes, titles, views } from '../browser';
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

/** A number of a box of the graph, as a screen reader is told it; NaN when there is none. */
async function boxSays(page: Page, id: string, number: 'rate' | 'depth'): Promise<number> {
  const words = (await page.locator(`.react-flow__node[data-id="${id}"]`).getAttribute('aria-label')) ?? '';
  const said = new RegExp(`${number} ([\\d.,]+)`).exec(words)?.[1];
  return said === undefined ? Number.NaN : Number(said.replaceAll(',', ''));
}

/** What the page shows while a scenario runs, and does not under normal traffic. */
type Reaction = (page: Page) => Promise<boolean>;

const rises =
  (box: string, number: 'rate' | 'depth', above: number): Reaction =>
  async (page) =>
    (await boxSays(page, box, number)) > above;

const runs =
  (side: string): Reaction =>
  async (page) =>
    (await page.locator('.comparison thead th', { hasText: side }).getByText('running').count()) === 1;

test('normal traffic moves by itself', async () => {
  watched = await open(browser, url);
  await watched.page.locator('.going').getByText('Normal traffic').waitFor();
  const rate = watched.page.locator('.indicator', { hasText: 'Request rate' }).locator('.quantity');
  await expect.poll(async () => Number.parseFloat((await rate.textContent()) ?? ''), soon).toBeGreaterThan(0.5);
  expect(stack.find('k6', 'scenarios/normal.ts')).toHaveLength(1);
  watched.expectClean();
});

describe.each(schemes)('%s', (colorScheme) => {
  test.each(views.map((view, i) => [view, titles[i] ?? '']))('%s shows live data', async (view, title) => {
    watched = await open(browser, url, { colorScheme });
    await watched.show(view, title);
    await watched.page.locator('main .quantity:not(.none), main .check-value b').first().waitFor();
    await watched.expectAccessible();
    watched.expectClean();
  });
});

const reactions: Record<string, [view: string, title: string, Reaction]> = {
  spike: ['topology', 'Topology', rises('experience-api', 'rate', 12)],
  chaotic: ['topology', 'Topology', rises('enrichment-jobs', 'depth', 100)],
  'high-throughput': ['topology', 'Topology', rises('experience-api', 'rate', 60)],
  'enqueue-10k': ['topology', 'Topology', rises('enrichment-jobs', 'depth', 4000)],
  'hash-bad': ['hash', 'Heavy hash', runs('Bad')],
  'hash-good': ['hash', 'Heavy hash', runs('Good')],
};

test.each(Object.entries(reactions))('%s starts and stops its process, and is seen', async (id, [view, title, reacts]) => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('scenarios', 'Scenarios');
  const card = page.locator(`#scenario-${id}`);
  await card.getByRole('button', { name: 'Start' }).click();
  await card.getByRole('button', { name: 'Stop' }).waitFor();
  await expect.poll(() => stack.find('k6', `scenarios/${id}.ts`).length, soon).toBe(1);
  await watched.show(view, title);
  await expect.poll(() => reacts(page), soon).toBe(true);
  await watched.show('scenarios', 'Scenarios');
  await card.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => stack.find('k6', `scenarios/${id}.ts`).length, soon).toBe(0);
  await card.locator('.outcome', { hasText: 'stopped' }).waitFor();
  watched.expectClean();
});

test('a fault is set, seen in the graph, and taken back', async () => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('topology/price-service', 'Topology');
  const drawer = page.getByRole('complementary');
  await drawer.getByRole('slider', { name: 'Failures' }).fill('60');
  await drawer.getByRole('button', { name: 'Apply' }).click();
  await drawer.getByText(/fails 60%, for another/).waitFor();
  const box = page.locator('.react-flow__node[data-id="price-service"]');
  await box.getByText('fails 60%').waitFor();
  await drawer.getByRole('button', { name: 'Back to configured' }).click();
  await drawer.getByText(/fails 1.5%\./).waitFor();
  await box.getByText('fails 60%').waitFor({ state: 'detached' });
  watched.expectClean();
});

test('boxes and colours stay over a reload', async () => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('topology/redis', 'Topology');
  const redis = page.locator('.react-flow__node[data-id="redis"]');
  await page.getByRole('button', { name: 'My own' }).click();
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

test('Prometheus killed: the page says so, and recovers by itself', async () => {
  watched = await open(browser, url);
  const banner = watched.page.locator('.banner');
  await watched.page.locator('.indicator .quantity:not(.none)').first().waitFor();
  const [prometheus] = stack.find('/prometheus ');
  // Held first: a killed one is back within a second, which is less than anybody could see.
  process.kill(prometheus?.pid ?? 0, 'SIGSTOP');
  await banner.getByText('Prometheus does not answer').waitFor();
  expect(await banner.textContent()).toMatch(/Numbers are from \d\d:\d\d:\d\d/);
  process.kill(prometheus?.pid ?? 0, 'SIGKILL');
  await banner.waitFor({ state: 'detached', timeout: 60_000 });
  watched.expectClean({ refused: true });
});
