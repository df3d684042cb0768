// The only way to call the back end. A failed call throws an ApiError whose message can be shown to users.

export interface Refusal {
  readonly error?: string;
  readonly code?: string;
  /** The time of Prometheus' last answer, for prometheus_unavailable. */
  readonly since?: string | null;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly since: string | undefined;

  constructor(status: number, { error, code, since }: Refusal) {
    super(error ?? `the dashboard answered ${status}`);
    this.status = status;
    this.code = code ?? 'unknown';
    this.since = since ?? undefined;
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const patience = 15_000;

export async function call<T>(path: string, { method = 'GET', body, signal }: Call = {}): Promise<T> {
  const timeout = AbortSignal.timeout(patience);
  const headers: Record<string, string> = { accept: 'application/json' };
  const init: RequestInit = { method, headers, signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  const token = method === 'GET' ? null : sessionToken();
  if (token !== null) headers['authorization'] = `Bearer ${token}`;

  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const error = timeout.aborted ? `the dashboard did not answer within ${patience / 1000} s` : 'the dashboard does not answer';
    throw new ApiError(0, { code: 'unreachable', error });
  }
  return answer<T>(response);
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new ApiError(response.status, { code: 'not_json' });
  }
  if (!response.ok) throw new ApiError(response.status, (body ?? {}) as Refusal);
  return body as T;
}

const tokenKey = 'deals.token';

/** Returns the token for changes from another machine. It is kept until the tab is closed. */
function sessionToken(): string | null {
  try {
    return sessionStorage.getItem(tokenKey);
  } catch {
    return null;
  }
}

export function setSessionToken(token: string): void {
  try {
    sessionStorage.setItem(tokenKey, token);
  } catch {
    // Without storage the next change asks again.
  }
}
