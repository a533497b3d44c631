import { appendAll } from './append-all.js';
/**
 * Closes what was put into it, last first: for a function that opens one thing after the other and hands all of
 * them on at the end. Stands in for AsyncDisposableStack, which Node 20 does not have.
 */
export class ClosingStack implements AsyncDisposable {
  private readonly opened: (AsyncDisposable | Disposable)[] = [];
  private closing: Promise<void> | undefined;

  /** Takes over the closing of `thing`. */
  use<T extends AsyncDisposable | Disposable>(thing: T): T {
    this.opened.push(thing);
    return thing;
  }

  /** Hands everything on to a new owner; this stack closes nothing any more. */
  move(): ClosingStack {
    const owner = new ClosingStack();
    appendAll(owner.opened, this.opened.splice(0));
    return owner;
  }

  /** Closes all, also when one of them fails; throws the first failure. Closing again waits for the same end. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.closing ??= closeAll(this.opened.splice(0).reverse()));
  }
}

async function closeAll(things: readonly (AsyncDisposable | Disposable)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const thing of things) {
    try {
      if (Symbol.asyncDispose in thing) await thing[Symbol.asyncDispose]();
      else thing[Symbol.dispose]();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
