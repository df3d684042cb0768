// Makes src/api/types.ts of the API's description, ../api/openapi.json, so that the page and the back end can't disagree.
// `npm run types` writes it; a test compares.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../api/openapi.json', import.meta.url));
export const target = fileURLToPath(new URL('../src/api/types.ts', import.meta.url));

const primitives = { integer: 'number', number: 'number', string: 'string', boolean: 'boolean', null: 'null' };
const literal = (value) => (typeof value === 'string' ? `'${value}'` : String(value));

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if ('const' in schema) return literal(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeOf).join(' | ');
  const types = [schema.type ?? 'unknown'].flat();
  const nullable = types.includes('null') ? ' | null' : '';
  const type = types.find((name) => name !== 'null');
  if (type === undefined) return 'null';
  if (schema.enum) return schema.enum.map(literal).join(' | ') + (schema.enum.includes(null) ? '' : nullable);
  if (type === 'array') return `readonly ${elementOf(schema.items)}[]${nullable}`;
  if (type === 'object') return `Readonly<Record<string, ${typeOf(schema.additionalProperties ?? {})}>>${nullable}`;
  return (primitives[type] ?? 'unknown') + nullable;
}

function elementOf(items) {
  const type = typeOf(items);
  return type.includes(' | ') ? `(${type})` : type;
}

function member(name, schema, required) {
  const comment = schema.description ? `  /** ${schema.description} */\n` : '';
  return `${comment}  readonly ${name}${required ? '' : '?'}: ${typeOf(schema)};\n`;
}

function declaration(name, schema) {
  const comment = schema.description ? `/** ${schema.description} */\n` : '';
  if (!schema.properties) return `${comment}export type ${name} = ${typeOf(schema)};\n`;
  const members = Object.entries(schema.properties).map(([key, value]) => member(key, value, schema.required?.includes(key)));
  return `${comment}export interface ${name} {\n${members.join('')}}\n`;
}

/** The text that src/api/types.ts should have. */
export function generate() {
  const { schemas } = JSON.parse(readFileSync(source, 'utf8')).components;
  const declarations = Object.entries(schemas).map(([name, schema]) => declaration(name, schema));
  return `// Made of ../../../api/openapi.json by \`npm run types\`; not to be edited.\n\n${declarations.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, generate());
