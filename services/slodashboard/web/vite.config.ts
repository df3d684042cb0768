import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// A dashboard that runs already: its API is what `npm run dev` shows.
const dashboard = process.env['DASHBOARD_URL'] ?? 'http://127.0.0.1:3100';

const seconds = 1000;

export default defineConfig({
  plugins: [react()],
  build: {
    // What is inlined as data: would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
  server: { host: '127.0.0.1', proxy: { '/api': dashboard, '/flame': dashboard } },
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      // The built page in a browser: with a back end that is none, and with the whole platform.
      { test: { name: 'page', include: ['test/page/*.test.ts'], testTimeout: 60 * seconds, hookTimeout: 60 * seconds } },
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
