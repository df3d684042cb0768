// A dashboard as Grafana saves it, brought into the form of the one that it was made from.

export type Json = string | number | boolean | null | readonly Json[] | Fields;

export interface Fields {
  readonly [key: string]: Json;
}

/** The fields that Grafana sets by itself when it stores a dashboard. */
const stamps: ReadonlySet<string> = new Set(['iteration', 'pluginVersion', 'version']);

/**
 * json with its fields in the order of those of like and new ones last, so that a diff shows what was edited. Grafana leaves out
 * fields that say nothing and adds others: neither is an edit.
 */
export function arranged(json: Json, like: Json | undefined): Json {
  if (isList(json)) {
    const model = isList(like) ? like : [];
    return json.map((element, index) => arranged(element, original(element, index, model)));
  }
  if (!isFields(json)) return json;
  const model = isFields(like) ? like : {};
  const kept = Object.keys(model).filter((name) => name in json || saysNothing(model[name]));
  const added = Object.keys(json).filter((name) => !(name in model || stamps.has(name) || saysNothing(json[name])));
  return Object.fromEntries([
    ...kept.map((name): [string, Json] => [name, arranged(json[name] ?? model[name] ?? null, model[name])]),
    ...added.map((name): [string, Json] => [name, arranged(json[name] ?? null, undefined)]),
  ]);
}

/** What an element was made from: the one of the same name, or at the same place. */
function original(element: Json, index: number, like: readonly Json[]): Json | undefined {
  const name = nameOf(element);
  return name === undefined ? like[index] : like.find((other) => nameOf(other) === name);
}

/** What tells an element of a list from the others: a panel's id, a query's refId, the series that an override is for. */
function nameOf(element: Json | undefined): string | undefined {
  if (!isFields(element)) return undefined;
  const { id, refId, matcher, name } = element;
  const found = id ?? refId ?? (isFields(matcher) ? matcher['options'] : name);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

function saysNothing(json: Json | undefined): boolean {
  return json === undefined || json === null || json === false || json === '' || (isList(json) && json.length === 0);
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function isFields(json: Json | undefined): json is Fields {
  return typeof json === 'object' && json !== null && !isList(json);
}
