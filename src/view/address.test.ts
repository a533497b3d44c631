import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addresses, fromId, rootOf, toId } from './address.js';

it('gives any name one safe segment, and the name back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(toId(name)).toMatch(/^[\w.@~-]+$/);
      expect(['.', '..', '']).not.toContain(toId(name));
      expect(fromId(toId(name))).toBe(name);
    }),
  );
});

it('leads back to the root from every page', () => {
  expect(rootOf(addresses.jobs)).toBe('');
  expect(rootOf(addresses.trial('a/b', '../c', 101))).toBe('../../../');
});
