// The platform under load, and what every script does before it.

import exec from 'k6/execution';
import { Platform, Redis } from 'k6/x/deals';

import * as settings from './settings.ts';

export const platform = new Platform({ target: settings.target });

/** Undefined when queues are not to be looked into. */
export const redis = settings.redis === '' ? undefined : new Redis(settings.redis);

/** Ends the run before its load when there is no platform, and says when it isn't well. */
export async function setup(): Promise<void> {
  try {
    const { status, failing } = await platform.check();
    if (status !== 'ready') console.warn(`the platform is ${status}: ${failing.join(', ')}`);
  } catch (error) {
    exec.test.abort(reason(error));
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
