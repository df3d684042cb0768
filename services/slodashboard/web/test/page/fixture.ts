// The test function of this folder: a browser for each worker, and a fake back end and a page for each test.

import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test as base } from 'vitest';
import { type Watched, launch, open as openPage } from '../browser';
import { Fake } from '../fake/server';

export { expect };

export const test = base
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browser = await launch();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('fake', async ({}, { onCleanup }) => {
    const fake = new Fake();
    await fake.listen();
    onCleanup(async () => {
      await fake.close();
      expect(fake.problems).toEqual([]);
    });
    return fake;
  })
  .extend('open', async ({ browser, fake }, { onCleanup }) => {
    const pages: Watched[] = [];
    onCleanup(async () => {
      await Promise.all(pages.map(({ page }) => page.context().close()));
    });
    /** Opens the page at a view, the overview by default, and waits until it shows data. */
    return async (hash = '', options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<unknown>): Promise<Watched> => {
      const watched = await openPage(browser, `${fake.url}/#/${hash}`, { reducedMotion: 'reduce', ...options }, prepare);
      pages.push(watched);
      await watched.loaded();
      return watched;
    };
  });

/** Makes the page's timers run on page.clock.runFor as well as with time. */
export const withClock = (page: Page): Promise<void> => page.clock.install();
