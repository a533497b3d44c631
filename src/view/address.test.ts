import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addresses, fromId, readTrialPart, rootOf, toId } from './address.js';

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
  expect(rootOf(addresses.trial('a/b', '../c', { from: 101 }))).toBe('../../../');
});

it('names a step and a turn in one segment, and reads them back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9999 }), (step, from) => {
      const address = addresses.trial('job', 'trial', { step, from });
      expect(readTrialPart(address.split('/').at(-1)?.replace('.html', '') ?? '')).toEqual({ step, from });
    }),
  );
  expect(['', 'from-x', 'other', 'step-', 'from-1,step-a'].map(readTrialPart)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
