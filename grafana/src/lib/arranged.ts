// Brings a dashboard saved by Grafana into the form of its original, for a readable diff.

export type Json = string | number | boolean | null | readonly Json[] | Fields;

export interface Fields {
  readonly [key: string]: Json;
}

/** Fields that Grafana sets when it stores a dashboard. */
const stamps: ReadonlySet<string> = new Set(['iteration', 'pluginVersion', 'version']);

/**
 * Returns json with its fields in the order of like and new fields last. Empty fields that Grafana adds or omits are not taken as
 * edits: the result has those of like.
 */
export function arranged(json: Json, like: Json | undefined): Json {
  if (isList(json)) {
    const model = isList(like) ? like : [];
    return json.map((element, index) => arranged(element, original(element, index, model)));
  }
  if (!isFields(json)) return json;
  const model = isFields(like) ? like : {};
  const kept = Object.keys(model).filter((name) => name in json || isEmpty(model[name]));
  const added = Object.keys(json).filter((name) => !(name in model || stamps.has(name) || isEmpty(json[name])));
  return Object.fromEntries([
    ...kept.map((name): [string, Json] => [name, arranged(json[name] ?? model[name] ?? null, model[name])]),
    ...added.map((name): [string, Json] => [name, arranged(json[name] ?? null, undefined)]),
  ]);
}

/** Returns the original of an element: the one with the same name, otherwise the one at the same index. */
function original(element: Json, index: number, like: readonly Json[]): Json | undefined {
  const name = nameOf(element);
  return name === undefined ? like[index] : like.find((other) => nameOf(other) === name);
}

/** Returns the key of a list element: a panel's id, a query's refId, an override's series, or a name. */
function nameOf(element: Json | undefined): string | undefined {
  if (!isFields(element)) return undefined;
  const { id, refId, matcher, name } = element;
  const found = id ?? refId ?? (isFields(matcher) ? matcher['options'] : name);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

function isEmpty(json: Json | undefined): boolean {
  return json === undefined || json === null || json === false || json === '' || (isList(json) && json.length === 0);
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function isFields(json: Json | undefined): json is Fields {
  return typeof json === 'object' && json !== null && !isList(json);
}
