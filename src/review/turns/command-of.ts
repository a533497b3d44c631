import { jsonOrText, tableOf } from '../../base/json-value.js';

/** Names under which tools take a command. */
const commandKeys = ['command', 'cmd', 'keystrokes', 'code'];

/** The command in a call's arguments, given as JSON text or as a value; other arguments as JSON for people. */
export function commandOf(given: unknown): string {
  const value = typeof given === 'string' ? jsonOrText(given) : given;
  if (typeof value === 'string') return value;
  const table = tableOf(value);
  const command = commandKeys.map((key) => table?.[key]).find((text) => typeof text === 'string');
  return typeof command === 'string' ? command : JSON.stringify(value, null, 2);
}
