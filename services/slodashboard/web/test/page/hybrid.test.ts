import { expect, test } from './fixture';

test('with the read model off, the view says so and shows the list requests', async ({ open, fake }) => {
  fake.readModel = false;
  const watched = await open('hybrid');
  await watched.page.getByText('every deal of every list is composed live').waitFor();
  const view = await watched.page.locator('main').textContent();
  expect(view).toContain('316');
  expect(view).toContain('3.60%');
  expect(view).not.toMatch(/no lists|no list requests/);
  watched.expectClean();
});
