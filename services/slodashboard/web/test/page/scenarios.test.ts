import { expect, test } from './fixture';

test('a check is met now, or lost', async ({ open }) => {
  const { page } = await open('scenarios');
  const checks = page.locator('#scenario-normal .check-value');
  await checks.getByText('met now').waitFor();
  await checks.getByText(/lost at \d\d:\d\d:\d\d/).waitFor();
});

test('Start says why it is disabled', async ({ open, fake }) => {
  fake.scenarios.limit = 1;
  const { page } = await open('scenarios');
  const start = page.getByRole('button', { name: 'Start Traffic spike' });
  expect(await start.isDisabled()).toBe(true);
  const reason = await start.getAttribute('aria-describedby');
  expect(await page.locator(`#${reason}`).textContent()).toContain('the limit of 1 concurrent scenario is reached');
});

test('an error message stays until it is closed', async ({ open, fake }) => {
  const watched = await open('scenarios');
  const { page } = watched;
  fake.refuse = { status: 409, code: 'busy', error: 'the limit of 4 concurrent scenarios is reached' };
  await page.getByRole('button', { name: 'Start Chaos of everything' }).click();
  const notice = page.getByRole('status').getByText('Chaos of everything: the limit of 4 concurrent scenarios is reached');
  await notice.waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await notice.waitFor({ state: 'detached' });
  watched.expectClean({ refused: true });
});

test('the token is asked for once and sent with later changes', async ({ open, fake }) => {
  const { page } = await open('scenarios');
  fake.refuse = { status: 401, code: 'token_required', error: 'Authorization: got no valid token, want Bearer <ADMIN_TOKEN>' };
  await page.getByRole('button', { name: 'Start Traffic spike' }).click();
  await page.getByLabel('ADMIN_TOKEN').fill('open sesame');
  const change = (): Promise<string | undefined> =>
    page.waitForRequest((request) => request.method() === 'POST').then((request) => request.headers()['authorization']);
  const again = change();
  await page.getByRole('button', { name: 'Continue' }).click();
  expect(await again).toBe('Bearer open sesame');
  const next = change();
  await page.getByRole('button', { name: 'Stop Traffic spike' }).click();
  expect(await next).toBe('Bearer open sesame');
  await page.getByRole('button', { name: 'Start Traffic spike' }).waitFor();
});
