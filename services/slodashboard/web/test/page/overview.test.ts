import { expect, test, withClock } from './fixture';

const table = 'Error rate, the last 15 minutes as table';

test('a chart has a table', async ({ open }) => {
  const { page } = await open();
  await page.getByRole('button', { name: table }).click();
  await expect.poll(() => page.getByRole('region', { name: /Error rate.*table/ }).locator('tbody tr').count()).toBeGreaterThan(10);
});

test('a chart marks the switches of controls', async ({ open, fake }) => {
  fake.controls.set('experience-api', { control: 'upstream-limit', option: 'static=30' });
  fake.controls.set('experience-api', { control: 'upstream-limit', option: 'static=30' });
  const { page } = await open('overview');
  await page.getByRole('button', { name: table }).click();
  const marks = page.getByRole('region', { name: /Error rate.*table/ }).locator('p');
  await expect.poll(() => marks.textContent()).toMatch(/Traffic spike started; .*\d experience-api: upstream-limit is static$/);
  fake.controls.reset('experience-api');
  await expect.poll(() => marks.textContent(), { timeout: 10_000 }).toMatch(/upstream-limit is static; [\d:]+ experience-api: upstream-limit is adaptive$/);
});

test('the table of a chart does not overlap its button', async ({ open }) => {
  const { page } = await open();
  const button = page.getByRole('button', { name: table });
  await button.click();
  const rows = page.getByRole('region', { name: /Error rate.*table/ });
  await rows.waitFor();
  const [shown, toggle] = [await rows.boundingBox(), await button.boundingBox()];
  if (!shown || !toggle) throw new Error('the table or its button is not shown');
  expect(toggle.y >= shown.y + shown.height || toggle.y + toggle.height <= shown.y).toBe(true);
});

test('an alert links to its runbook and its graph', async ({ open }) => {
  const { page } = await open();
  const alert = page.locator('.alerts li', { hasText: 'latency' });
  expect(await alert.getByRole('link', { name: 'Runbook' }).getAttribute('href')).toBe('/runbooks/LatencyBudgetBurn');
  const graph = await alert.getByRole('link', { name: 'Graph in Prometheus' }).getAttribute('href');
  expect(new URL(graph ?? '').searchParams.get('g0.expr')).toBe('ALERTS{alertname="LatencyBudgetBurn"}');
});

test('an objective says how many events were bad', async ({ open }) => {
  const { page } = await open();
  await page.locator('.objectives', { hasText: '13 of 8,000 bad' }).waitFor();
});

test('a slider says what another target would make of an objective', async ({ open, fake }) => {
  const watched = await open();
  const { page } = watched;
  const trial = page.getByRole('group', { name: 'Latency' });
  await trial.getByText('own target: 300').waitFor();
  await trial.locator('[data-target="300"]').waitFor();
  await trial.getByText('Good, of 8,000').waitFor();
  await trial.getByText('96.07%').waitFor();

  const asked = fake.asked('/api/slo/what-if');
  const slider = trial.getByRole('slider', { name: 'Target' });
  await slider.focus();
  for (let i = 0; i < 4; i++) await slider.press('ArrowLeft');
  expect(await slider.getAttribute('aria-valuetext')).toMatch(/^200\sms/);
  await trial.locator('[data-target="200"]').waitFor();
  await trial.getByText('91.16%').waitFor();
  await trial.locator('.burn.watch', { hasText: '1.77×' }).waitFor();
  await trial.getByText(/−76\.[89]%/).waitFor();
  expect(fake.asked('/api/slo/what-if') - asked, 'requests for 4 moves').toBeLessThan(4);
  await watched.expectAccessible();
  watched.expectClean();
});

test('a slider keeps its place when the other set is shown', async ({ open }) => {
  const { page } = await open();
  const slider = page.getByRole('group', { name: 'Job freshness' }).getByRole('slider');
  await slider.press('End');
  await page.getByRole('button', { name: '30 days' }).click();
  await page.getByText(/of the last 30\sd/).waitFor();
  expect(await slider.inputValue()).toBe('21');
});

test('what clients see stands beside what the API counts, and a difference is said', async ({ open }) => {
  const { page } = await open();
  const panel = page.getByRole('region', { name: 'Inside and outside' });
  await panel.getByText('measured by probes of this dashboard').waitFor();
  await panel.getByRole('row', { name: /p95 latency 1\.24/ }).waitFor();
  await panel.getByText('For clients the p95 is 1240 ms').waitFor();
});

test('an objective without data is not yet known', async ({ open }) => {
  const { page } = await open();
  await page.locator('.objectives', { hasText: 'not yet known' }).waitFor();
});

test('while Prometheus is lost, the last numbers stay with their time', async ({ open, fake }) => {
  const watched = await open('', {}, withClock);
  const { page } = watched;
  const banner = page.locator('.banner');
  await page.locator('.indicator .quantity').first().waitFor();
  fake.lostSince = new Date(Date.now() - 5000).toISOString();
  await page.clock.runFor('00:02');
  await banner.getByText('Prometheus does not answer').waitFor();
  expect(await banner.textContent()).toMatch(/Numbers are from \d\d:\d\d:\d\d/);
  expect(await page.locator('.indicator .quantity').count()).toBe(6);
  await watched.expectAccessible();
  fake.lostSince = undefined;
  await page.clock.runFor('00:02');
  await banner.waitFor({ state: 'detached' });
  watched.expectClean({ refused: true });
});

test('a hidden page sends no requests', async ({ open }) => {
  const { page } = await open('', {}, withClock);
  let requests = 0;
  page.on('request', () => requests++);
  const setHidden = (hidden: boolean): Promise<void> =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);

  await setHidden(true);
  requests = 0;
  await page.clock.runFor('01:00');
  expect(requests).toBe(0);
  await setHidden(false);
  await expect.poll(() => requests).toBeGreaterThan(0);
});
