import type { Page } from 'playwright-core';
import { schemes } from '../browser';
import { expect, test, withClock } from './fixture';

const next = (page: Page): Promise<void> => page.clock.runFor('00:02');
const start = (page: Page) => page.getByRole('button', { name: 'Start', exact: true });
const state = (page: Page) => page.locator('.run-state');

const slider = (page: Page) => page.getByRole('slider', { name: 'What is the p95 without a breaker?' });

async function predict(page: Page): Promise<void> {
  await page.getByRole('group', { name: 'By how much' }).getByLabel('about twice').check();
  await page.getByRole('group', { name: 'How soon' }).getByLabel('within 10 s').check();
  await slider(page).fill('2500');
}

test('predict, run, verdict, explanation, history', async ({ open, fake }) => {
  const watched = await open('experiments', {}, withClock);
  const { page } = watched;
  const card = page.getByRole('article', { name: 'A circuit breaker' });
  await card.getByText('not run yet').waitFor();
  await card.getByRole('link', { name: 'A circuit breaker' }).click();
  await page.getByText('Predict the outcome first').waitFor();
  expect(await page.locator('h1').evaluate((title) => title === document.activeElement), 'the focus goes to the title').toBe(true);
  expect(await start(page).isDisabled()).toBe(true);
  await page.getByText('The explanation is shown with the first verdict.').waitFor();
  await predict(page);
  await page.getByText('Takes about 7\u202fmin.').waitFor();

  await page.getByLabel('Rounds').selectOption('1');
  await page.getByLabel('Quick').check();
  await page.getByText('Takes about 84\u202fs.').waitFor();
  await page.getByText('Bounds of the promises').click();
  const bound = page.getByLabel('answers are complete again');
  expect(await bound.getAttribute('placeholder'), 'the looser bound').toBe('85');
  await bound.fill('99.5');
  const sent = page.waitForRequest((request) => request.method() === 'POST').then((request) => request.postDataJSON() as unknown);
  await start(page).click();
  expect(await sent).toEqual({ repeats: 1, quick: true, arm: '', bounds: { 'after/on': 0.995 } });
  await state(page).getByText('Round 1 of 1, No breaker: waits for empty queues and closed breakers.').waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  expect(await page.getByLabel('about twice').isDisabled()).toBe(true);

  fake.experiments.load();
  await next(page);
  await state(page).getByText('No breaker: load. Disturbed: price-service does not answer.').waitFor();
  await page.getByRole('figure', { name: 'details: complete answers' }).waitFor();

  fake.experiments.finish();
  fake.scenarios.experiment = '';
  await next(page);
  await state(page).getByText('The run has ended: 1 of 2 promises met.').waitFor();
  await page.getByRole('cell', { name: '8.3 times' }).first().waitFor();
  await page.getByRole('row', { name: /not met\s*the ranges overlap/ }).waitFor();
  const outcome = page.getByRole('region', { name: 'Prediction and outcome' });
  await outcome.getByText('You predicted: about twice').waitFor();
  await outcome.getByText('It is: five times and more').waitFor();
  await outcome.getByText('You predicted: within 10 s').waitFor();
  await outcome.getByText('You predicted: 2.50\u202fs').waitFor();
  await outcome.getByText('Measured: 1.94\u202fs').waitFor();
  await page.getByText('every call to it takes as long as the caller is willing to wait').waitFor();
  await page.getByText('newBreaker').waitFor();

  const report = page.getByRole('link', { name: /^Open the report/ });
  expect(await report.getAttribute('target')).toBe('_blank');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /^Download the report/ }).click();
  expect((await download).suggestedFilename()).toBe('20260102-030400-breaker.html');
  await page.getByRole('link', { name: 'All experiments' }).click();
  await card.getByText('1 of 2 promises met').waitFor();
  watched.expectClean();
});

test('a prediction is kept over a reload, and can be made anew', async ({ open, fake }) => {
  fake.experiments.start('breaker', {});
  fake.experiments.finish();
  const { page } = await open('experiments/breaker');
  await predict(page);
  await page.reload();
  expect(await page.getByLabel('about twice').isChecked()).toBe(true);
  expect(await page.getByLabel('about twice').isDisabled(), 'the outcome is known').toBe(true);
  await page.getByRole('button', { name: 'Predict anew' }).click();
  expect(await page.getByLabel('about twice').isChecked()).toBe(false);
  expect(await start(page).isDisabled()).toBe(true);
});

test('a slider is answered by keyboard, and not before it is touched', async ({ open, fake }) => {
  fake.experiments.start('breaker', { arm: 'on' });
  fake.experiments.finish();
  const { page } = await open('experiments/breaker');
  const number = slider(page);
  const said = (): Promise<string | null> => number.getAttribute('aria-valuetext');
  await page.getByRole('group', { name: 'By how much' }).getByLabel('about twice').check();
  await page.getByRole('group', { name: 'How soon' }).getByLabel('within 10 s').check();
  expect(await said()).toBe('not answered');
  expect(await start(page).isDisabled()).toBe(true);
  await page.keyboard.press('Tab');
  expect(await number.evaluate((element) => element === document.activeElement), 'it is next in the order of focus').toBe(true);
  await page.keyboard.press('Enter');
  expect(await said(), 'the middle').toBe('2.00\u202fs');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await said()).toBe('2.20\u202fs');
  expect(await start(page).isDisabled()).toBe(false);
  await page.getByText('Usual: 2.00\u202fs; the run did not measure it').waitFor();
  await page.reload();
  expect(await said(), 'it is kept').toBe('2.20\u202fs');
  expect(await number.isDisabled()).toBe(true);
});

test('a reload in the middle shows the run that goes on, which can be stopped', async ({ open, fake }) => {
  const { page } = await open('experiments/breaker', {}, withClock);
  await predict(page);
  fake.experiments.start('breaker', {});
  fake.experiments.load();
  await page.reload();
  await state(page).getByText('Round 1 of 3, No breaker: load.').waitFor();
  const stop = page.getByRole('button', { name: 'Stop' });
  await stop.focus();
  await page.keyboard.press('Enter');
  await state(page).getByText('The run was stopped.').waitFor();
  expect(await start(page).evaluate((button) => button === document.activeElement), 'the focus stays').toBe(true);
});

test('a failed run says why', async ({ open, fake }) => {
  fake.experiments.start('breaker', {});
  fake.experiments.fail('experience-api: it has no control breaker');
  const { page } = await open('experiments/breaker');
  await state(page).getByText('The run failed, and nothing of it is kept: experience-api: it has no control breaker').waitFor();
});

test('while an experiment runs, other views say so, and scenarios and other experiments are paused', async ({ open, fake }) => {
  fake.experiments.start('retry-storm', {});
  fake.scenarios.experiment = 'retry-storm';
  const { page } = await open('scenarios');
  const button = page.getByRole('button', { name: 'Start Traffic spike' });
  expect(await button.isDisabled()).toBe(true);
  const reason = await button.getAttribute('aria-describedby');
  expect(await page.locator(`#${reason}`).textContent()).toBe('paused while the experiment retry-storm is running');
  const banner = page.getByRole('status').getByText('The experiment retry-storm is running, so scenarios are paused.');
  await banner.getByRole('link', { name: 'Show it' }).click();
  await page.getByRole('heading', { name: 'A retry storm' }).waitFor();
  await banner.waitFor({ state: 'detached' });
  await page.goto(`${fake.url}/#/experiments/breaker`);
  await predict(page);
  await page.getByText('Another experiment is running: retry-storm').waitFor();
  expect(await start(page).isDisabled()).toBe(true);
  await page.goto(`${fake.url}/#/hash`);
  expect(await page.getByRole('button', { name: 'Run Hashes, bad' }).isDisabled()).toBe(true);
});

test('without k6 or Prometheus it says what is missing', async ({ open, fake }) => {
  fake.experiments.available = false;
  const { page } = await open('experiments');
  await page.getByText('Experiments that load the platform are not available: k6 is not there').waitFor();
  fake.experiments.available = true;
  fake.lostSince = new Date().toISOString();
  await page.goto(`${fake.url}/#/experiments/breaker`);
  await predict(page);
  await page.getByText('Prometheus does not answer, so nothing can be measured').waitFor();
  expect(await start(page).isDisabled()).toBe(true);
});

test('a replay is predicted, run and read, wide and on a phone, also without k6 and Prometheus', async ({ open, fake }) => {
  fake.experiments.available = false;
  fake.lostSince = new Date().toISOString();
  const watched = await open('experiments/alerting', {}, withClock);
  const { page } = watched;
  await page.getByText('Predict the outcome first').waitFor();
  await page.getByLabel('for none').check();
  await page.getByText('Takes about 6\u202fs.').waitFor();
  expect(await page.getByLabel('Rounds').count() + (await page.getByLabel('Quick').count()), 'it has one round, as long as the samples').toBe(0);
  await page.getByText('after 60\u202fmin, for 5\u202fmin: half of all requests fail').waitFor();

  await start(page).click();
  fake.experiments.replay();
  await next(page);
  await state(page).getByText('Round 1 of 1, Threshold: tries the alert on the samples.').waitFor();
  await page.getByText('The run goes on without this page.').waitFor();
  fake.experiments.finishReplay();
  await next(page);
  await state(page).getByText('The run has ended: 1 of 1 promise met.').waitFor();
  await page.getByRole('cell', { name: '40.0\u202fs' }).waitFor();
  await page.getByRole('figure', { name: 'Requests that fail' }).waitFor();
  await page.getByText('paged from 7:16 to 8:12, from 1:00:08 to 1:05:56').waitFor({ state: 'attached' });
  await page.getByText('It is: for all').waitFor();
  expect(await page.locator('.lanes svg rect:not(.shade)').count()).toBe(3);
  await watched.expectAccessible();

  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await watched.expectAccessible();
});

test('without promtool a replay says so', async ({ open, fake }) => {
  fake.experiments.missing = 'promtool is not there';
  const { page } = await open('experiments/alerting');
  await page.getByLabel('for none').check();
  await page.getByText('promtool is not there').waitFor();
  expect(await start(page).isDisabled()).toBe(true);
});

test('an unknown experiment is not there', async ({ open }) => {
  const { page } = await open('experiments/nonsense');
  await page.getByText('There is no experiment nonsense.').waitFor();
});

test('heavy hash is one of the experiments', async ({ open }) => {
  const { page } = await open('experiments');
  await page.getByRole('link', { name: 'Heavy hash' }).click();
  await page.getByRole('heading', { name: 'Heavy hash' }).waitFor();
  expect(await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current]').textContent()).toBe('Experiments');
});

test('an experiment is accessible with its verdict, light and dark, and not wider than a phone', async ({ open, fake }) => {
  fake.experiments.start('breaker', {});
  fake.experiments.finish();
  const watched = await open('experiments/breaker', { viewport: { width: 360, height: 740 } });
  await predict(watched.page);
  await watched.page.getByText('You predicted: about twice').waitFor();
  for (const colorScheme of schemes) {
    await watched.page.emulateMedia({ colorScheme });
    await watched.expectAccessible();
  }
  expect(await watched.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  watched.expectClean();
});
