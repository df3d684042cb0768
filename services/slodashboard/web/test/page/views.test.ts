// What every view must do.

import { schemes, titles, views } from '../browser';
import { expect, test } from './fixture';

test.for(views)('%s shows data and is accessible, light and dark', async (view, { open }) => {
  const watched = await open(view);
  await watched.page.locator('h1', { hasText: titles[view] }).waitFor();
  await watched.page.locator('main .quantity:not(.none), main .check-value b').first().waitFor();
  for (const colorScheme of schemes) {
    await watched.page.emulateMedia({ colorScheme });
    await watched.expectAccessible();
  }
  watched.expectClean();
});

test('the drawer of a node is accessible, light and dark', async ({ open }) => {
  const watched = await open('topology/price-service');
  await watched.page.getByRole('button', { name: 'Apply' }).nth(1).waitFor();
  for (const colorScheme of schemes) {
    await watched.page.emulateMedia({ colorScheme });
    await watched.expectAccessible();
  }
  watched.expectClean();
});

test('no view is wider than a phone', async ({ open }) => {
  const watched = await open('', { viewport: { width: 360, height: 740 } });
  for (const view of views) {
    await watched.show(view);
    const width = await watched.page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, view).toBeLessThanOrEqual(360);
  }
  watched.expectClean();
});
