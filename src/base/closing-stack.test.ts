import { expect, test } from 'vitest';
import { ClosingStack } from './closing-stack.js';

function closer(name: string, log: string[], fails = false): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.resolve();
      log.push(name);
      if (fails) throw new Error(`${name} does not close`);
    },
  };
}

test('closes last first, and all of them when one fails', async () => {
  const log: string[] = [];
  const stack = new ClosingStack();
  stack.use(closer('first', log));
  stack.use(closer('second', log, true));
  stack.use({ [Symbol.dispose]: () => void log.push('third') });
  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('second does not close');
  expect(log).toEqual(['third', 'second', 'first']);
});

test('what was moved is closed by the new owner alone, once', async () => {
  const log: string[] = [];
  const stack = new ClosingStack();
  stack.use(closer('engine', log));
  const owner = stack.move();
  await stack[Symbol.asyncDispose]();
  expect(log).toEqual([]);
  await Promise.all([owner[Symbol.asyncDispose](), owner[Symbol.asyncDispose]()]);
  expect(log).toEqual(['engine']);
});
