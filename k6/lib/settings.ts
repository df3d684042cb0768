// Settings of the scripts, from the environment. An invalid one ends k6 before it sends any request.

/** URL of the experience API. */
export const target = read('TARGET', 'http://127.0.0.1:3000', 'a URL such as http://127.0.0.1:3000', (text) =>
  /^https?:\/\/[^\s/?#]+\/?$/.test(text) ? text.replace(/\/$/, '') : undefined,
);

/** Duration of the load; by default until k6 is stopped. */
export const duration = read('DURATION', '24h', 'a time such as 30s or 1m30s', (text) =>
  /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text) && /[1-9]/.test(text) ? text : undefined,
);

/** Factor of the load; 1 is what the catalog says. */
export const intensity = number('INTENSITY', 1, 0.1, 10);

/** Redis of the platform; empty when scripts must not inspect it. */
export const redis = read('REDIS_URL', '', 'a URL such as redis://127.0.0.1:6379/0', (text) =>
  text === '' || /^rediss?:\/\/\S+$/.test(text) ? text : undefined,
);

export function number(name: string, otherwise: number, min: number, max: number): number {
  return read(name, otherwise, `a number from ${min} to ${max}`, (text) => {
    const value = Number(text);
    return text.trim() !== '' && value >= min && value <= max ? value : undefined;
  });
}

export function whole(name: string, otherwise: number, min: number, max: number): number {
  return read(name, otherwise, `a whole number from ${min} to ${max}`, (text) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
  });
}

export function choice<T extends string>(name: string, values: readonly [T, ...T[]]): T {
  return read(name, values[0], `one of ${values.join(', ')}`, (text) => values.find((value) => value === text));
}

function read<T>(name: string, otherwise: T, allowed: string, parse: (text: string) => T | undefined): T {
  const text = __ENV[name];
  if (text === undefined || text === '') return otherwise;
  const value = parse(text);
  if (value === undefined) throw new Error(`${name}: got "${text}", want ${allowed}`);
  return value;
}
