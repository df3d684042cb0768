// What the page costs: bytes and memory.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from './fixture';

const assets = fileURLToPath(new URL('../../dist/assets/', import.meta.url));

test('JavaScript is under 250 kB compressed, all views together', () => {
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(assets + name)).length, 0);
  console.info(`JavaScript: ${(bytes / 1000).toFixed(1)} kB compressed`);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(250_000);
});

// Charts keep 30 s at most before their whole history is replaced, so the page is steady after a few minutes of its time.
test('memory is steady over a quarter of an hour of polling', { timeout: 180_000 }, async ({ fake, open }) => {
  const faster = 100;
  const [warm, more] = [300, 450];
  fake.speed = faster;
  const { page } = await open('', {}, (page) =>
    page.addInitScript((factor) => {
      const { setInterval } = window;
      window.setInterval = ((run: TimerHandler, delay = 0) => setInterval(run, delay / factor)) as typeof window.setInterval;
    }, faster),
  );
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const measure = async (polls: number): Promise<Record<string, number>> => {
    await expect.poll(() => fake.asked('/api/sli'), { timeout: 120_000 }).toBeGreaterThan(polls);
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  // The lowest of five readings: some include what a request or a render in progress holds.
  const retained = async (polls: number): Promise<Record<string, number>> => {
    const readings: Record<string, number>[] = [];
    for (let i = 0; i < 5; i++) readings.push(await measure(polls + i));
    return Object.fromEntries(kept.map((metric) => [metric, Math.min(...readings.map((reading) => reading[metric] ?? Number.NaN))]));
  };
  const before = await retained(warm);
  const after = await retained(warm + more);
  console.info(`heap: ${mb(before['JSHeapUsedSize'])} MB, later ${mb(after['JSHeapUsedSize'])} MB; nodes ${before['Nodes']}, ${after['Nodes']}`);
  for (const metric of kept) expect(after[metric], metric).toBeLessThanOrEqual((before[metric] ?? 0) * 1.1);
});

const kept = ['JSHeapUsedSize', 'Nodes', 'JSEventListeners'];

const mb = (bytes = 0): string => (bytes / 1e6).toFixed(1);
