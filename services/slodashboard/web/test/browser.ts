// A browser that watches the page for what must never happen.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';

export const views = ['overview', 'topology', 'scenarios', 'hybrid', 'hash', 'queues'] as const;
export const titles = ['Overview', 'Topology', 'Scenarios', 'Hybrid reads', 'Heavy hash', 'Purchases and queues'] as const;
export const schemes = ['light', 'dark'] as const;

export function launch(): Promise<Browser> {
  // A container is the sandbox already, and root can have no other.
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

  /** refused: answers other than 200 are part of the test, and Chromium writes each to the console. */
  expectClean({ refused = false } = {}): void {
    const problems = refused ? this.problems.filter((text) => !text.includes('Failed to load resource')) : this.problems;
    expect(problems).toEqual([]);
  }

  /** Goes to a view and waits until it shows data. */
  async show(view: string, title: string): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${view}`);
    await this.page.locator('h1', { hasText: title }).waitFor();
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

export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const watched = new Watched(page, url);
  await page.goto(url);
  return watched;
}
