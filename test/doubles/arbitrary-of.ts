import fc from 'fast-check';
import type { z } from 'zod';

type Def = { readonly type: string; readonly checks?: readonly unknown[] } & Record<string, unknown>;

const finite = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
  // JSON has no negative zero.
  .map((value) => (value === 0 ? 0 : value));
const key = fc.stringMatching(/^[a-z]{1,8}$/);
const anything = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));

/** Any value that a schema of src/record accepts, made from the schema itself. */
export function arbitraryOf<T>(schema: z.ZodType<T>): fc.Arbitrary<T> {
  return arbitrary(schema).filter((value) => schema.safeParse(value).success) as fc.Arbitrary<T>;
}

function arbitrary(schema: unknown): fc.Arbitrary<unknown> {
  const { def } = schema as { readonly def: Def };
  const inner = (name: string): fc.Arbitrary<unknown> => arbitrary(def[name]);
  switch (def.type) {
    case 'string':
      return fc.string();
    case 'number':
      return (def.checks ?? []).length === 0 ? finite : fc.integer({ min: 1, max: 1_000_000 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'unknown':
      return anything;
    case 'literal':
      return fc.constantFrom(...(def['values'] as unknown[]));
    case 'enum':
      return fc.constantFrom(...Object.values(def['entries'] as Record<string, unknown>));
    case 'nullable':
      return fc.option(inner('innerType'), { nil: null });
    case 'readonly':
    case 'default':
    case 'optional':
      return inner('innerType');
    case 'array':
      return fc.array(inner('element'), { maxLength: 4 });
    case 'record':
      return fc.dictionary(key, inner('valueType'), { maxKeys: 4, noNullPrototype: true });
    case 'union':
      return fc.oneof(...(def['options'] as unknown[]).map(arbitrary));
    case 'intersection':
      return fc
        .tuple(inner('left'), inner('right'))
        .map(([left, right]) => ({ ...(left as object), ...(right as object) }));
    // What zod makes of a value on its way in or out: the schema in between says which values there are.
    case 'pipe':
      return arbitrary(typeOf(def['in']) === 'transform' ? def['out'] : def['in']);
    case 'object':
      return objectOf(def['shape'] as Record<string, unknown>);
    default:
      throw new Error(`no arbitrary for a schema of type ${def.type}`);
  }
}

function typeOf(schema: unknown): string {
  return (schema as { readonly def: Def }).def.type;
}

function objectOf(shape: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const parts = Object.entries(shape).map(([name, part]) => [name, arbitrary(part)] as const);
  const optional = Object.entries(shape)
    .filter(([, part]) => (part as { readonly def: Def }).def.type === 'optional')
    .map(([name]) => name);
  const required = Object.keys(shape).filter((name) => !optional.includes(name));
  return fc.record(Object.fromEntries(parts), { requiredKeys: required, noNullPrototype: true });
}
