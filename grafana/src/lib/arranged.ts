// JSON in the order of other JSON.

export type Json = string | number | boolean | null | readonly Json[] | Fields;

export interface Fields {
  readonly [key: string]: Json;
}

/** The fields that Grafana sets by itself when it stores a dashboard. */
const stamps: ReadonlySet<string> = new Set(['iteration', 'pluginVersion', 'version']);

/** json with its fields in the order of those of like, new ones last, and without what Grafana sets by itself. */
export function arranged(json: Json, like: Json | undefined): Json {
  if (isList(json)) {
    const model = isList(like) ? like : [];
    return json.map((element, index) => arranged(element, original(element, index, model)));
  }
  if (!isFields(json)) return json;
  const model = isFields(like) ? like : {};
  const names = [...Object.keys(model), ...Object.keys(json).filter((name) => !(name in model) && !stamps.has(name))];
  const entries = names.flatMap((name): [string, Json][] => {
    const value = json[name];
    return value === undefined ? [] : [[name, arranged(value, model[name])]];
  });
  return Object.fromEntries(entries);
}

/** What an element was made from: the one of the same name, or at the same place. */
function original(element: Json, index: number, like: readonly Json[]): Json | undefined {
  const name = nameOf(element);
  return name === undefined ? like[index] : like.find((other) => nameOf(other) === name);
}

/** What tells an element of a list from the others: a panel's id, a query's refId, the series that an override is for. */
function nameOf(element: Json): string | undefined {
  if (!isFields(element)) return undefined;
  const name = element['id'] ?? element['refId'] ?? (isFields(element['matcher']) ? element['matcher']['options'] : undefined);
  return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function isFields(json: Json | undefined): json is Fields {
  return typeof json === 'object' && json !== null && !isList(json);
}
