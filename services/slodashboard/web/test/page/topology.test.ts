import type { Page } from 'playwright-core';
import { schemes } from '../browser';
import { expect, test } from './fixture';

test.for([1280, 390])('at %i pixels the drawer does not cover the graph', async (width, { open }) => {
  const { page } = await open('topology/price-service', { viewport: { width, height: 800 } });
  const [drawer, graph] = [await page.locator('.drawer').boundingBox(), await page.locator('.graph').boundingBox()];
  if (!drawer || !graph) throw new Error('the drawer or the graph is not shown');
  expect(drawer.y).toBeGreaterThanOrEqual(graph.y + graph.height);
});

test('the labels of the edges of the selected node are beside its box', async ({ open }) => {
  const { page } = await open('topology/price-service', { viewport: { width: 1280, height: 800 } });
  const labels = page.locator('.edge-label', { hasText: /calls/ });
  await expect.poll(() => labels.count()).toBe(2); // of the API and of the worker
  const box = page.locator('.react-flow__node[data-id="price-service"]');
  const overlaps = async (): Promise<number> => {
    const node = await box.boundingBox();
    const all = await Promise.all((await labels.all()).map((label) => label.boundingBox()));
    return all.filter((label) => node && label && label.x < node.x + node.width && node.x < label.x + label.width).length;
  };
  await expect.poll(overlaps).toBe(0);
});

test('a change says how many replicas of the service took it', async ({ open }) => {
  const { page } = await open('topology/merchant-service');
  const fault = page.getByRole('region', { name: 'Synthetic fault' });
  await fault.getByLabel('Blackhole').check();
  await fault.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Fault of merchant-service set on all 3 replicas.').waitFor();
});

test('a box says how many instances there are, that one does not answer, and that one has just started', async ({ open }) => {
  const { page } = await open('topology');
  const tag = (id: string) => page.locator(`.react-flow__node[data-id="${id}"] .tag`);
  await expect.poll(() => tag('merchant-service').textContent()).toBe('3×');
  await page.locator('.react-flow__node[data-id="merchant-service"]').getByText('started 12\u202fs ago').waitFor();
  await expect.poll(() => tag('inventory-service').textContent()).toBe('1 of 2 down');
  await page.locator('.react-flow__node[data-id="inventory-service"]').click();
  await page.getByText('2 instances, of which 1 does not answer, last started 60\u202fmin ago').waitFor();
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

test('controls are switched by keyboard for a time, and reset, in light and dark and on a phone', async ({ open, fake }) => {
  const watched = await open('topology/experience-api', { viewport: { width: 390, height: 800 } });
  const { page } = watched;
  const controls = page.getByRole('region', { name: 'Controls' });
  await controls.getByText('A restart of it resets them.').waitFor();
  const limit = controls.getByRole('combobox', { name: 'upstream-limit' });
  expect(await limit.evaluate((select) => select.getAttribute('aria-describedby')?.split(' ').map((id) => document.getElementById(id)?.textContent))).toEqual([
    'what bounds the attempts in flight at each upstream', 'adaptive: the load that the upstream reports', 'Now: adaptive',
  ]);
  const apply = controls.getByRole('button', { name: 'Apply' });
  expect(await apply.isDisabled(), 'nothing is chosen').toBe(true);
  await limit.focus();
  await page.keyboard.type('static');
  const number = controls.getByRole('spinbutton', { name: 'upstream-limit, number of static' });
  await number.fill('10001');
  await controls.getByText('upstream-limit: static takes a whole number from 1 to 10000.').waitFor();
  expect(await apply.isDisabled()).toBe(true);
  await number.fill('30');
  await controls.getByRole('combobox', { name: 'For' }).selectOption('2 minutes');
  await number.press('Enter');
  await controls.getByText('Now: static=30 for another 2:00, then adaptive').waitFor();
  await page.getByText('Controls of experience-api set.').waitFor();
  expect(await controls.getByText('Now: on').count(), 'the breaker stays').toBe(1);
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await watched.expectAccessible();
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await controls.getByRole('button', { name: 'Reset all' }).click();
  await controls.getByText('Now: adaptive').waitFor();
  expect(fake.controls.of('experience-api')?.controls.map(({ option }) => option)).toEqual(['adaptive', 'on']);
  watched.expectClean();
});

test('controls are loaded only for the open box', async ({ open, fake }) => {
  const { page } = await open('topology/rating-lb');
  await page.getByRole('combobox', { name: 'balancing' }).waitFor();
  expect(fake.asked('/api/controls/experience-api')).toBe(0);
  await page.goto(`${fake.url}/#/topology/redis`);
  await page.getByRole('complementary', { name: 'redis' }).waitFor();
  expect(await page.getByRole('region', { name: 'Controls' }).count()).toBe(0);
  expect(fake.asked('/api/controls/redis')).toBe(0);
});

test('while an experiment runs no settings can be changed', async ({ open, fake }) => {
  fake.scenarios.experiment = 'retry-storm';
  const watched = await open('topology/price-service');
  const { page } = watched;
  await page.getByRole('combobox', { name: 'queue' }).selectOption('lifo-codel');
  for (const name of ['Capacity', 'Synthetic fault', 'Controls']) {
    const buttons = page.getByRole('region', { name }).getByRole('button');
    expect(await buttons.count()).toBe(2);
    for (const button of await buttons.all()) {
      expect(await button.isDisabled()).toBe(true);
      const reason = await button.getAttribute('aria-describedby');
      expect(await page.locator(`[id="${reason}"]`).textContent()).toBe('Nothing can be changed while the experiment retry-storm is running.');
    }
  }
  await watched.expectAccessible();
  await page.goto(`${fake.url}/#/hash`);
  expect(await page.getByRole('button', { name: 'Compare flame graphs' }).isDisabled()).toBe(true);
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
