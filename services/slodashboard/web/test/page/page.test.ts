// The built page with a back end that is none, and does whatever a test wants.

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Watched, launch, open, schemes, titles, views } from '../browser';
import { Fake } from '../fake/server';

let browser: Browser;
let fake: Fake;
let url: string;
let watched: Watched;

beforeAll(async () => {
  browser = await launch();
  fake = new Fake();
  url = await fake.listen();
});

afterEach(async () => {
  fake.lostSince = fake.refuse = undefined;
  fake.readModel = true;
  fake.scenarios.limit = 4;
  await watched.page.context().close();
  expect(fake.problems).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await fake.close();
});

describe.each(schemes)('%s', (colorScheme) => {
  test.each(views.map((view, i) => [view, titles[i] ?? '']))('%s shows data to everybody', async (view, title) => {
    watched = await open(browser, url, { colorScheme });
    await watched.show(view, title);
    await watched.page.locator('.quantity:not(.none)').first().waitFor();
    await watched.expectAccessible();
    watched.expectClean();
  });

  test('so does a node', async () => {
    watched = await open(browser, url, { colorScheme });
    await watched.show('topology/price-service', 'Topology');
    await watched.page.getByRole('button', { name: 'Apply' }).waitFor();
    await watched.expectAccessible();
    watched.expectClean();
  });
});

test('on a phone nothing is wider than it', async () => {
  watched = await open(browser, url, { viewport: { width: 360, height: 740 } });
  for (const [i, view] of views.entries()) {
    await watched.show(view, titles[i] ?? '');
    const width = await watched.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, view).toBeLessThanOrEqual(360);
  }
  watched.expectClean();
});

test('a chart has a table', async () => {
  watched = await open(browser, url);
  await watched.page.getByRole('button', { name: 'Error rate, the last 15 minutes as table' }).click();
  await expect.poll(() => watched.page.getByRole('region', { name: /Error rate.*table/ }).locator('tbody tr').count()).toBeGreaterThan(10);
});

test('the table of a chart does not overlap its button', async () => {
  watched = await open(browser, url);
  const button = watched.page.getByRole('button', { name: 'Error rate, the last 15 minutes as table' });
  await button.click();
  const rows = watched.page.getByRole('region', { name: /Error rate.*table/ });
  await rows.waitFor();
  const [table, toggle] = [await rows.boundingBox(), await button.boundingBox()];
  if (!table || !toggle) throw new Error('the table or its button is not shown');
  expect(toggle.y >= table.y + table.height || toggle.y + toggle.height <= table.y).toBe(true);
});

test('an alert links to its runbook', async () => {
  watched = await open(browser, url);
  const alert = watched.page.locator('.alerts li', { hasText: 'latency' });
  expect(await alert.getByRole('link', { name: 'Runbook' }).getAttribute('href')).toBe('/runbooks/LatencyBudgetBurn');
});

test('a check is met now, or lost', async () => {
  watched = await open(browser, url);
  await watched.show('scenarios', 'Scenarios');
  const checks = watched.page.locator('#scenario-normal .check-value');
  await checks.getByText('met now').waitFor();
  await checks.getByText(/lost at \d\d:\d\d:\d\d/).waitFor();
});

test('Start says why it is disabled', async () => {
  fake.scenarios.limit = 1;
  watched = await open(browser, url);
  await watched.show('scenarios', 'Scenarios');
  const start = watched.page.getByRole('button', { name: 'Start Traffic spike' });
  expect(await start.isDisabled()).toBe(true);
  const reason = await start.getAttribute('aria-describedby');
  expect(await watched.page.locator(`#${reason}`).textContent()).toContain('1 of at most 1 scenarios run');
});

test.each([1280, 390])('at %i pixels the drawer covers no part of the graph', async (width) => {
  watched = await open(browser, url, { viewport: { width, height: 800 } });
  await watched.show('topology/price-service', 'Topology');
  const [drawer, graph] = [await watched.page.locator('.drawer').boundingBox(), await watched.page.locator('.graph').boundingBox()];
  if (!drawer || !graph) throw new Error('the drawer or the graph is not shown');
  expect(drawer.y).toBeGreaterThanOrEqual(graph.y + graph.height);
});

test('on a phone every box of the graph is in sight and readable, wherever it was dragged on a desk', async () => {
  watched = await open(browser, url, { viewport: { width: 390, height: 800 } });
  const { page } = watched;
  await page.evaluate(() => localStorage.setItem('deals.topology.positions', '{"redis":{"x":5000,"y":0}}'));
  await watched.show('topology', 'Topology');
  await page.locator('.wire').first().waitFor({ state: 'attached' });
  const boxes = page.locator('.react-flow__node');
  const outside = () =>
    boxes.evaluateAll((all) => all.map((box) => box.getBoundingClientRect()).filter(({ left, right, width }) => left < 0 || right > 390 || width < 140).length);
  await expect.poll(outside).toBe(0);
  expect(await boxes.count()).toBeGreaterThan(10);
});

test('the hash view shows what clients and the server measure, and why they differ', async () => {
  watched = await open(browser, url);
  await watched.show('hash', 'Heavy hash');
  for (const row of ['List p95, client', 'List p95, server']) await watched.page.getByRole('rowheader', { name: row }).waitFor();
  await watched.page.getByText('The server’s clock starts when its goroutine gets a processor.').waitFor();
});

test('with the read model off, the hybrid view says so and shows its lists', async () => {
  fake.readModel = false;
  watched = await open(browser, url);
  await watched.show('hybrid', 'Hybrid reads');
  await watched.page.getByText('every deal of every list is composed live').waitFor();
  const view = await watched.page.locator('main').textContent();
  expect(view).toContain('316');
  expect(view).toContain('3.60%');
  expect(view).not.toMatch(/no lists|no list requests/);
  watched.expectClean();
});

test('what is infinite or not there is said so', async () => {
  watched = await open(browser, url);
  await watched.page.locator('.objectives', { hasText: 'not yet known' }).waitFor();
  await watched.show('queues', 'Purchases and queues');
  await watched.page.getByText('∞').waitFor();
});

test('a refusal is said, and stays until it is closed', async () => {
  watched = await open(browser, url);
  await watched.show('scenarios', 'Scenarios');
  fake.refuse = { status: 409, code: 'busy', error: 'the limit of 4 concurrent scenarios is reached' };
  await watched.page.getByRole('button', { name: 'Start Chaos of everything' }).click();
  const notice = watched.page.getByRole('status').getByText('Chaos of everything: the limit of 4 concurrent scenarios is reached');
  await notice.waitFor();
  await watched.page.getByRole('button', { name: 'Close' }).click();
  await notice.waitFor({ state: 'detached' });
  watched.expectClean({ refused: true });
});

test('a token is asked for, and used from then on', async () => {
  watched = await open(browser, url);
  await watched.show('scenarios', 'Scenarios');
  fake.refuse = { status: 401, code: 'token_required', error: 'Authorization: got no valid token, want Bearer <ADMIN_TOKEN>' };
  await watched.page.getByRole('button', { name: 'Start Traffic spike' }).click();
  await watched.page.getByLabel('ADMIN_TOKEN').fill('open sesame');
  const again = watched.page.waitForRequest((request) => request.method() === 'POST');
  await watched.page.getByRole('button', { name: 'Go on' }).click();
  expect((await again).headers()['authorization']).toBe('Bearer open sesame');
  await watched.page.getByRole('button', { name: 'Stop Traffic spike' }).click();
  await watched.page.getByRole('button', { name: 'Start Traffic spike' }).waitFor();
});

test('Prometheus away: old numbers, since when, and back by itself', async () => {
  watched = await open(browser, url);
  const banner = watched.page.locator('.banner');
  await watched.page.locator('.indicator .quantity').first().waitFor();
  fake.lostSince = new Date(Date.now() - 5000).toISOString();
  await banner.getByText('Prometheus does not answer').waitFor();
  expect(await banner.textContent()).toMatch(/Numbers are from \d\d:\d\d:\d\d/);
  expect(await watched.page.locator('.indicator .quantity').count()).toBe(6);
  await watched.expectAccessible();
  fake.lostSince = undefined;
  await banner.waitFor({ state: 'detached' });
  watched.expectClean({ refused: true });
});

test('boxes stay where they are put, until they are put back', async () => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('topology', 'Topology');
  const redis = page.locator('.react-flow__node[data-id="redis"]');
  await page.waitForTimeout(300);
  const before = await redis.getAttribute('style');
  await redis.hover();
  await page.mouse.down();
  await page.mouse.move(500, 600, { steps: 5 });
  await page.mouse.up();
  const moved = await redis.getAttribute('style');
  expect(moved).not.toBe(before);
  await page.reload();
  await expect.poll(() => redis.getAttribute('style')).toBe(moved);
  await page.getByRole('button', { name: 'Reset positions' }).click();
  await expect.poll(() => redis.getAttribute('style')).toBe(before);
  watched.expectClean();
});

test('colours of one’s own are kept', async () => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('topology/redis', 'Topology');
  await page.getByRole('button', { name: 'My own' }).click();
  await page.getByRole('button', { name: 'pink' }).click();
  await page.reload();
  await expect.poll(() => page.locator('.react-flow__node[data-id="redis"] .part').getAttribute('style')).toContain('--pink');
  watched.expectClean();
});

test('the graph works by keyboard', async () => {
  watched = await open(browser, url);
  const { page } = watched;
  await watched.show('topology', 'Topology');
  await page.locator('.react-flow__node[data-id="price-service"]').focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('complementary', { name: 'price-service' });
  await drawer.waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('price-service');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
});

test('a node leads to its traces and profile, with the time range', async () => {
  watched = await open(browser, url);
  await watched.show('topology/price-service', 'Topology');
  const links = watched.page.getByRole('list', { name: /elsewhere/ }).getByRole('link');
  await expect.poll(() => links.allTextContents()).toEqual(['Overview in Grafana ', 'Traces in Tempo ', 'Profile in Pyroscope ']);
  expect(await links.nth(2).getAttribute('href')).toMatch(/service=price-service&from=\d{13}&to=\d{13}/);
});

test('nothing moves for who wants it still', async () => {
  watched = await open(browser, url, { reducedMotion: 'no-preference' });
  await watched.show('topology', 'Topology');
  const moving = () => watched.page.evaluate(() => document.getAnimations().length);
  await expect.poll(moving).toBeGreaterThan(0);
  await watched.page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toBe(0);
});

test('flame graphs are compared, and shown in the page', async () => {
  watched = await open(browser, url);
  await watched.show('hash', 'Heavy hash');
  await watched.page.getByRole('button', { name: 'Compare flame graphs' }).click();
  await watched.page.getByText('Step 2 of 5').waitFor();
  await watched.page.frameLocator('iframe').getByRole('heading', { name: 'Flame graphs' }).waitFor();
});

test('a dead job is replayed', async () => {
  watched = await open(browser, url);
  await watched.show('queues', 'Purchases and queues');
  await watched.page.getByRole('button', { name: 'Replay purchase-7f3a' }).click();
  await watched.page.getByText('1 job is in critical-jobs again.').waitFor();
  await watched.page.getByText('purchase-7f3a').waitFor({ state: 'detached' });
});

test('a page that is not looked at asks for nothing', async () => {
  watched = await open(browser, url);
  const { page } = watched;
  await page.locator('.indicator .quantity').first().waitFor();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.waitForTimeout(1000);
  const before = fake.requests;
  await page.waitForTimeout(5000);
  expect(fake.requests).toBe(before);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect.poll(() => fake.requests).toBeGreaterThan(before);
});
