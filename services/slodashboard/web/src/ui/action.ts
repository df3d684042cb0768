// The only way to run an action: it is busy until the action ends, asks for a token if one is needed, and shows errors.

import { useCallback, useState } from 'react';
import { ApiError, setSessionToken } from '../api/client';
import { notify } from './notices';
import { askForToken } from './token';

async function withToken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    const token = await askForToken(error.message);
    if (token === undefined) throw error;
    setSessionToken(token);
    await work();
  }
}

export function useAction(what: string): [busy: boolean, act: (work: () => Promise<void>) => void] {
  const [busy, setBusy] = useState(false);
  const act = useCallback(
    (work: () => Promise<void>) => {
      setBusy(true);
      withToken(work)
        .catch((error: unknown) => notify('error', `${what}: ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => setBusy(false));
    },
    [what],
  );
  return [busy, act];
}
