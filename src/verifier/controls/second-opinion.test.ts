import { describe, expect, it } from 'vitest';
import type { SecondOpinion } from '../../record/evidence/evidence.js';
import { isolationFindings, isolationSkipReason } from './second-opinion.js';

const quiet = { reward: 1, sockets: [] };
const serving = { reward: 1, sockets: ['0.0.0.0:80'] };

describe('the second opinion', () => {
  it('is asked by `auto` about passes in sandboxes where nothing listens', () => {
    expect(isolationSkipReason('auto', quiet)).toBeNull();
    expect(isolationSkipReason('auto', { ...quiet, reward: 0 })).toBe('only passes are asked about');
    expect(isolationSkipReason('auto', { ...quiet, reward: null })).toBe('only passes are asked about');
    expect(isolationSkipReason('auto', serving)).toBe('services are needed: 0.0.0.0:80 listened');
  });

  it('is always asked with `on`, and never with `off`', () => {
    expect(isolationSkipReason('on', { ...serving, reward: 0 })).toBeNull();
    expect(isolationSkipReason('off', quiet)).toBe('switched off');
  });

  it('warns of a pass that is lost although nothing listened, and of nothing else', () => {
    const severities = (outcome: SecondOpinion['outcome'], reward: number | null, seen: typeof serving) =>
      isolationFindings({ outcome, reward, reason: '' }, seen).map(({ severity }) => severity);
    expect(severities('disagrees', 0, { ...serving, sockets: [] })).toEqual(['warn']);
    expect(severities('disagrees', 0, serving)).toEqual(['note']);
    expect(severities('disagrees', 1, { reward: 0, sockets: [] })).toEqual(['note']);
    expect(severities('inconclusive', null, serving)).toEqual(['note']);
    expect(severities('agrees', 1, serving)).toEqual([]);
    expect(severities('skipped', null, serving)).toEqual([]);
  });
});
