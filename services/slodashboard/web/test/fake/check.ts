// Operations and schemas of the API, from openapi.json.

import Ajv from 'ajv/dist/2020';
import description from '../../../api/openapi.json';

interface Operation {
  readonly id: string;
  /** The path parameter, empty if there is none. */
  readonly parameter: string;
}

interface Described {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>> }>>;
}

const paths = Object.entries(description.paths).map(([path, calls]) => ({
  matches: new RegExp(`^${path.replace(/\{\w+\}/, '([^/]+)')}$`),
  calls: calls as unknown as Readonly<Record<string, Described>>,
}));

/** Returns the operation of a call, or undefined. A literal path wins over one with a parameter. */
export function operationOf(method: string, path: string): Operation | undefined {
  const found = paths
    .map(({ matches, calls }) => ({ match: matches.exec(path), call: calls[method.toLowerCase()] }))
    .filter(({ match, call }) => match && call)
    .sort((a, b) => (a.match?.length ?? 0) - (b.match?.length ?? 0))[0];
  return found?.call && { id: found.call.operationId, parameter: decodeURIComponent(found.match?.[1] ?? '') };
}

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(description, 'api');

/** Returns what is wrong with an answer, or undefined if it matches its schema. */
export function faultOfAnswer(operation: string, answer: unknown): string | undefined {
  const described = paths.flatMap(({ calls }) => Object.values(calls)).find(({ operationId }) => operationId === operation);
  const schema = described?.responses['200']?.content['application/json']?.schema.$ref;
  if (schema === undefined) return `${operation} has no schema`;
  const validate = ajv.getSchema(`api${schema}`);
  if (validate === undefined) return `${operation}: no schema ${schema}`;
  return validate(JSON.parse(JSON.stringify(answer))) ? undefined : ajv.errorsText(validate.errors);
}
