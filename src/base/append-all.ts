/** As `list.push(...more)`, for any number: a call takes about a hundred thousand arguments, and then throws. */
export function appendAll<T>(list: T[], more: Iterable<T>): void {
  for (const one of more) list.push(one);
}
