import type { Page } from 'playwright-core';
import { schemes } from '../browser';
import { expect, test } from './fixture';

test.for([1280, 390])('at %i pixels the drawer does not cover the graph', async (width, { open }) => {
  const { page } = await open('topology/price-service', { viewport: { width, height: 800 } });
  const [drawer, graph] = [await page.locator('.drawer').boundingBox(), await page.locator('.graph').boundingBox()];
  if (!drawer || !graph) throw new Error('the drawer or the graph is not shown');
  expect(drawer.y).toBeGreaterThanOrEqual(graph.y + graph.height);
});

test('on a phone every node is visible and readable, even after it was dragged away on a wide screen', async ({ open }) => {
  const watched = await open('', { viewport: { width: 390, height: 800 } });
  const { page } = watched;
  await page.evaluate(() => localStorage.setItem('deals.topology.positions', '{"redis":{"x":5000,"y":0}}'));
  await watched.show('topology');
  await page.locator('.wire').first().waitFor({ state: 'attached' });
  const nodes = page.locator('.react-flow__node');
  const outside = () =>
    nodes.evaluateAll((all) => all.map((node) => node.getBoundingClientRect()).filter(({ left, right, width }) => left < 0 || right > 390 || width < 140).length);
  await expect.poll(outside).toBe(0);
  expect(await nodes.count()).toBeGreaterThan(10);
});

const redis = (page: Page) => page.locator('.react-flow__node[data-id="redis"]');

test('dragged nodes keep their position over a reload, until it is reset', async ({ open }) => {
  const watched = await open('topology');
  const { page } = watched;
  await redis(page).hover();
  const before = await redis(page).getAttribute('style');
  await page.mouse.down();
  await page.mouse.move(500, 600, { steps: 5 });
  await page.mouse.up();
  const moved = await redis(page).getAttribute('style');
  expect(moved).not.toBe(before);
  await page.reload();
  await expect.poll(() => redis(page).getAttribute('style')).toBe(moved);
  await page.getByRole('button', { name: 'Reset positions' }).click();
  await expect.poll(() => redis(page).getAttribute('style')).toBe(before);
  watched.expectClean();
});

test('custom colours are kept over a reload', async ({ open }) => {
  const watched = await open('topology/redis');
  const { page } = watched;
  await page.getByRole('button', { name: 'Custom' }).click();
  await page.getByRole('button', { name: 'pink' }).click();
  await page.reload();
  await expect.poll(() => redis(page).locator('.part').getAttribute('style')).toContain('--pink');
  watched.expectClean();
});

test('the graph works by keyboard', async ({ open }) => {
  const { page } = await open('topology');
  await page.locator('.react-flow__node[data-id="price-service"]').focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('complementary', { name: 'price-service' });
  await drawer.waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('price-service');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
});

test('a node links to its dashboard, traces and profile, with the time range', async ({ open }) => {
  const { page } = await open('topology/price-service');
  const links = page.getByRole('list', { name: /Links/ }).getByRole('link');
  await expect.poll(() => links.allTextContents()).toEqual(['Overview in Grafana ', 'Traces in Tempo ', 'Profile in Pyroscope ']);
  expect(await links.nth(2).getAttribute('href')).toMatch(/service=price-service&from=\d{13}&to=\d{13}/);
});

test('a component shows the traces that used the most CPU time', async ({ open }) => {
  const watched = await open('topology/experience-api');
  const rows = watched.page.getByRole('region', { name: 'Traces by CPU time' }).getByRole('row');
  await expect.poll(() => rows.nth(1).getByRole('rowheader').textContent()).toBe('POST /api/heavy-hash/bad');
  await expect.poll(() => rows.nth(1).getByRole('cell').first().textContent()).toMatch(/1\.23\s*s/);
  expect(await rows.nth(2).getByRole('link', { name: 'Trace of GET /api/deals' }).getAttribute('href')).toMatch(/trace=4bf92f3577b34da6a3ce929d0e0e4736$/);
  await watched.expectAccessible();
  watched.expectClean();
});

test('a small capacity shows in the graph, and is reset', async ({ open }) => {
  const watched = await open('topology/price-service');
  const { page } = watched;
  const box = page.locator('.react-flow__node[data-id="price-service"]');
  const capacity = page.getByRole('region', { name: 'Capacity' });
  await box.getByText(/^12\/128 busy$/).waitFor();
  await capacity.getByRole('spinbutton', { name: 'Capacity' }).fill('4');
  await capacity.getByRole('combobox', { name: 'Discipline' }).selectOption('lifo-codel');
  await capacity.getByRole('button', { name: 'Apply' }).click();
  await capacity.getByText('serves 4 at a time, 256 more may wait (adaptive LIFO with CoDel)').waitFor();
  await box.locator('.part-slots.bad', { hasText: '4/4 busy, 8 waiting' }).waitFor();
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await watched.expectAccessible();
  }
  await capacity.getByRole('button', { name: 'Reset' }).click();
  await box.getByText(/^12\/128 busy$/).waitFor();
  watched.expectClean();
});

test('a refused change says what is allowed', async ({ open, fake }) => {
  const watched = await open('topology/price-service');
  const { page } = watched;
  fake.refuse = { status: 400, code: 'invalid_argument', error: 'capacity: got 200000, want a whole number from 1 to 100000' };
  const capacity = page.getByRole('region', { name: 'Capacity' });
  await capacity.getByRole('spinbutton', { name: 'Capacity' }).fill('200000');
  await capacity.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Capacity of price-service: capacity: got 200000, want a whole number from 1 to 100000').waitFor();
  watched.expectClean({ refused: true });
});

test('a caller shows the limits of its upstreams', async ({ open }) => {
  const { page } = await open('topology/experience-api');
  const limits = page.getByRole('region', { name: 'Limits of its upstreams' });
  await expect.poll(() => limits.getByRole('row').nth(2).getByRole('cell').allTextContents()).toEqual(['14', '12', '0']);
  await page.locator('.edge-label', { hasText: '12/14 calls' }).first().waitFor();
});

test('nothing is animated if reduced motion is preferred', async ({ open }) => {
  const { page } = await open('topology', { reducedMotion: 'no-preference' });
  const animations = () => page.evaluate(() => document.getAnimations().length);
  await expect.poll(animations).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(animations).toBe(0);
});
