// Links to the other pages of the platform, from the templates that the back end serves.

import type { Links, Page } from '../api/types';

export interface Target {
  readonly label: string;
  readonly url: string;
}

export type Values = Readonly<Partial<Record<'from' | 'to' | 'service' | 'trace' | 'query' | 'queue', string | number>>>;

/** Returns the URL, or undefined if a value of the template is missing. */
export function fill(template: string, values: Values): string | undefined {
  let whole = true;
  const url = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = (values as Readonly<Record<string, string | number | undefined>>)[name];
    if (value === undefined) whole = false;
    return encodeURIComponent(typeof value === 'number' ? Math.round(value) : String(value));
  });
  return whole ? url : undefined;
}

/** Returns a link, or undefined if its page is not available. */
export function linkTo(links: Links | undefined, page: Page['id'], id: string, values: Values): Target | undefined {
  const found = links?.pages.find((each) => each.id === page && each.available);
  const template = found?.links.find((link) => link.id === id);
  const url = template && fill(template.url, values);
  return found && template && url !== undefined ? { label: `${template.label} in ${found.label}`, url } : undefined;
}

/** Returns the links about a service into all available pages. */
export function linksOf(links: Links | undefined, values: Values): readonly Target[] {
  const targets: Target[] = [];
  for (const { available, label, links: templates } of links?.pages ?? []) {
    if (!available) continue;
    for (const template of templates) {
      if (!template.url.includes('{service}')) continue;
      const url = fill(template.url, values);
      if (url !== undefined) targets.push({ label: `${template.label} in ${label}`, url });
    }
  }
  return targets;
}
