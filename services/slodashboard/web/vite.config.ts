import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// A dashboard that runs already: its API is what `npm run dev` shows.
const dashboard = process.env['DASHBOARD_URL'] ?? 'http://127.0.0.1:3100';

export default defineConfig({
  plugins: [react()],
  build: {
    // What is inlined as data: would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
  server: { host: '127.0.0.1', proxy: { '/api': dashboard, '/flame': dashboard } },
  test: { include: ['src/**/*.test.ts'] },
});
