import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The running dashboard whose API `npm run dev` shows.
const dashboard = process.env['DASHBOARD_URL'] ?? 'http://127.0.0.1:3100';

const seconds = 1000;

export default defineConfig({
  plugins: [react()],
  build: {
    // Assets inlined as data: URLs would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
  server: { host: '127.0.0.1', proxy: { '/api': dashboard, '/runbooks': dashboard } },
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      // The built page in a browser: with the fake back end, and with the whole platform. Two files at a time, each of whose workers keeps its browser.
      { test: { name: 'page', include: ['test/page/*.test.ts'], maxWorkers: 2, isolate: false, testTimeout: 60 * seconds, hookTimeout: 60 * seconds } },
      {
        test: {
          name: 'platform',
          include: ['test/platform/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180 * seconds,
          hookTimeout: 120 * seconds,
        },
      },
    ],
  },
});
