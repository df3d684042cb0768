// What the page costs: bytes, and memory over an hour.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { launch, open } from '../browser';
import { Fake } from '../fake/server';

const assets = fileURLToPath(new URL('../../dist/assets/', import.meta.url));

test('JavaScript is under 250 kB compressed, all views together', () => {
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(assets + name)).length, 0);
  console.info(`JavaScript: ${(bytes / 1000).toFixed(1)} kB compressed`);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(250_000);
});

test('memory is steady over an hour of polling', { timeout: 300_000 }, async () => {
  const faster = 100;
  const fake = new Fake();
  fake.speed = faster;
  const url = await fake.listen();
  const browser = await launch();
  try {
    const watched = await open(browser, 'about:blank');
    const { page } = watched;
    await page.addInitScript((factor) => {
      const { setInterval } = window;
      window.setInterval = ((run: TimerHandler, delay = 0) => setInterval(run, delay / factor)) as typeof window.setInterval;
    }, faster);
    await page.goto(url);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const measure = async (): Promise<Record<string, number>> => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    // A quarter of an hour fills what is kept of the past; a whole one more must add nothing to it.
    await expect.poll(() => fake.asked('/api/sli'), { timeout: 120_000 }).toBeGreaterThan(450);
    const before = await measure();
    await expect.poll(() => fake.asked('/api/sli'), { timeout: 240_000 }).toBeGreaterThan(450 + 1800);
    const after = await measure();
    console.info(`heap: ${mb(before['JSHeapUsedSize'])} MB, an hour later ${mb(after['JSHeapUsedSize'])} MB; nodes ${before['Nodes']}, ${after['Nodes']}`);
    expect(after['JSHeapUsedSize']).toBeLessThan((before['JSHeapUsedSize'] ?? 0) * 1.15);
    expect(after['Nodes']).toBeLessThan((before['Nodes'] ?? 0) * 1.1);
    expect(after['JSEventListeners']).toBeLessThanOrEqual((before['JSEventListeners'] ?? 0) * 1.1);
  } finally {
    await browser.close();
    await fake.close();
  }
});

const mb = (bytes = 0): string => (bytes / 1e6).toFixed(1);
