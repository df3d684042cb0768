// A few strokes each; they decorate, what they mean is said in words beside them.

import type { ReactNode } from 'react';

const paths = {
  overview: 'M2 12.5h2.5l2-8 3 10 2-6 1 4H14',
  topology: 'M1.5 6h4v4h-4zM10.5 2h4v4h-4zM10.5 10h4v4h-4zM5.5 8H8m0 0V4h2.5M8 8v4h2.5',
  scenarios: 'M3 2.5v11l10-5.5z',
  hybrid: 'M2 4.5c0-1.4 2.7-2.5 6-2.5s6 1.1 6 2.5S11.3 7 8 7 2 5.9 2 4.5zm0 0v7C2 12.9 4.7 14 8 14s6-1.1 6-2.5v-7M2 8c0 1.4 2.7 2.5 6 2.5S14 9.4 14 8',
  experiments: 'M6 1.5h4M6.5 1.5v5L2.5 13a1 1 0 0 0 .9 1.5h9.2a1 1 0 0 0 .9-1.5l-4-6.5v-5M4.5 10h7',
  queues: 'M2 3.5h12M2 8h12M2 12.5h7M12 10.5v4m0 0 2-2m-2 2-2-2',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  cross: 'm4 4 8 8m0-8-8 8',
  alert: 'M8 2 1.5 13.5h13zM8 6.5v3.5m0 1.5v.5',
  clock: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 4.5V8l2.5 1.5',
  play: 'M4 2.5v11l9-5.5z',
  stop: 'M3.5 3.5h9v9h-9z',
  out: 'M6 3H3v10h10v-3M9 2.5h4.5V7M13 3 7.5 8.5',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  system: 'M2 3h12v8H2zM5.5 14h5M8 11v3',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
