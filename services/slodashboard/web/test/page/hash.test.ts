import { test, withClock } from './fixture';

test('the view shows what clients and the server measure, and why they differ', async ({ open }) => {
  const { page } = await open('hash');
  for (const row of ['List p95, client', 'List p95, server']) await page.getByRole('rowheader', { name: row }).waitFor();
  await page.getByText('The server’s clock starts when its goroutine gets a processor.').waitFor();
});

test('a comparison of flame graphs shows its progress, then its report', async ({ open, fake }) => {
  const { page } = await open('hash', {}, withClock);
  await page.getByRole('button', { name: 'Compare flame graphs' }).click();
  await page.getByText('Step 2 of 5').waitFor();
  fake.finishComparison();
  await page.clock.runFor('00:02');
  await page.frameLocator('iframe').getByRole('heading', { name: 'Flame graphs' }).waitFor();
});
