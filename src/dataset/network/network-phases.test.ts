import { expect, test } from 'vitest';
import { needsGate, phasePolicy } from './network-phases.js';

const [open, closed] = [
  { mode: 'public', allowedHosts: [] },
  { mode: 'no-network', allowedHosts: [] },
] as const;
const listed = { mode: 'allowlist', allowedHosts: ['a.example'] } as const;

test('a phase that declares nothing has what its environment has', () => {
  expect(phasePolicy({ mode: null, allowedHosts: [] }, closed)).toEqual(closed);
  expect(phasePolicy({ mode: 'public', allowedHosts: [] }, closed)).toEqual(open);
});

test('a network that is there, or is not, from first to last needs no gate', () => {
  expect([open, open]).not.toSatisfy(needsGate);
  expect([closed, closed]).not.toSatisfy(needsGate);
  expect([open, closed]).toSatisfy(needsGate);
  expect([listed]).toSatisfy(needsGate);
});
