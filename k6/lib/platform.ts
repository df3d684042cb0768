// The platform under load, and the setup of every script.

import exec from 'k6/execution';
import { Platform, Redis } from 'k6/x/deals';

import * as settings from './settings.ts';

/** The tenants that the platform knows. */
export const tenants = Array.from({ length: 10 }, (_, number) => `tenant-${number}`);

export const platform = new Platform({ target: settings.target, tenants });

/** Undefined when REDIS_URL is not set. */
export const redis = settings.redis === '' ? undefined : new Redis(settings.redis);

/** Aborts the run when there is no platform, and warns when the platform is not ready. */
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
