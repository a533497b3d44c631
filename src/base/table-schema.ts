import { z } from 'zod';

const inherited = '__proto__';
/** Stands for the name above while zod looks, in whose records it is passed over in silence. No other name is quoted. */
const standIn = '"__proto__"';

/** A table of a stranger's names, every one of which stays what it is: data. `name` may refuse some, and refuses `__proto__` if it takes no quotes. */
export function tableSchema<Value extends z.ZodType>(value: Value, name: z.ZodString = z.string()) {
  return z
    .preprocess((table) => renamed(table, inherited, standIn), z.record(name, value))
    .transform((table): Record<string, z.output<Value>> => renamed(table, standIn, inherited));
}

function renamed<T>(table: T, from: string, to: string): T {
  if (typeof table !== 'object' || table === null || !Object.hasOwn(table, from)) return table;
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name === from ? to : name, value]),
  ) as T;
}
