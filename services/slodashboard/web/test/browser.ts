// A browser, and a page that records console errors and requests to other hosts.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';

/** The h1 of each view. */
export const titles = {
  overview: 'Overview',
  topology: 'Topology',
  scenarios: 'Scenarios',
  hybrid: 'Hybrid reads',
  experiments: 'Experiments',
  hash: 'Heavy hash',
  queues: 'Purchases and queues',
} as const;
export type View = keyof typeof titles;
export const views = Object.keys(titles) as View[];
export const schemes = ['light', 'dark'] as const;

export function launch(): Promise<Browser> {
  // Chromium's own sandbox is not available to root in a container.
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

export class Watched {
  readonly problems: string[] = [];
  readonly page: Page;

  constructor(page: Page, origin: string) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) this.problems.push(`request to another host: ${request.url()}`);
    });
  }

  /** refused: ignores the console message that Chromium writes for each response other than 200. */
  expectClean({ refused = false } = {}): void {
    const problems = refused ? this.problems.filter((text) => !text.includes('Failed to load resource')) : this.problems;
    expect(problems).toEqual([]);
  }

  /** Goes to a view and waits until it shows data. */
  async show(view: View): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${view}`);
    await this.page.locator('h1', { hasText: titles[view] }).waitFor();
    await this.loaded();
  }

  async loaded(): Promise<void> {
    await this.page.locator('h1').waitFor();
    await this.page.locator('main .skeleton').waitFor({ state: 'detached' });
  }

  async expectAccessible(): Promise<void> {
    const violations = await this.page.evaluate(axe);
    expect(violations).toEqual([]);
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axe = `${axeSource};
axe.run({ exclude: ['iframe'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary).join(' | ')))`;

/** Opens a page at a URL. prepare is called before it is loaded. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<unknown>): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const watched = new Watched(page, new URL(url).origin);
  await prepare?.(page);
  await page.goto(url);
  return watched;
}
