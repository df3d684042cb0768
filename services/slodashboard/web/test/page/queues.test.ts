import { test } from './fixture';

test('an infinite lag is shown as ∞', async ({ open }) => {
  const { page } = await open('queues');
  await page.getByText('∞').waitFor();
});

test('a dead job is replayed', async ({ open }) => {
  const { page } = await open('queues');
  await page.getByRole('button', { name: 'Replay purchase-7f3a' }).click();
  await page.getByText('1 job is in critical-jobs again.').waitFor();
  await page.getByText('purchase-7f3a').waitFor({ state: 'detached' });
});
