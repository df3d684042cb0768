// The theme: light or dark, by default the system's. Canvases read their colours here.

import { useSyncExternalStore } from 'react';
import { forget, keep, recall } from './storage';

export type Theme = 'system' | 'light' | 'dark';

const isTheme = (value: unknown): value is Theme => value === 'light' || value === 'dark' || value === 'system';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
const resolved = new Map<string, string>();

let chosen: Theme = recall('theme', 'system', isTheme);

function changed(): void {
  resolved.clear();
  for (const listener of listeners) listener();
}

dark.addEventListener('change', changed);

export function choose(theme: Theme): void {
  chosen = theme;
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
    forget('theme');
  } else {
    document.documentElement.dataset['theme'] = theme;
    keep('theme', theme);
  }
  changed();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => chosen);
}

/** Returns the current theme, light or dark. */
export function useShade(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => (chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen));
}

/** Returns the current colour of a CSS variable, for a canvas. */
export function paint(variable: string): string {
  const known = resolved.get(variable);
  if (known !== undefined) return known;
  const probe = document.createElement('span');
  probe.style.color = `var(--${variable})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  resolved.set(variable, color);
  return color;
}
