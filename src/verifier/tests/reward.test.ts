import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal, readReward, type RewardFiles } from './reward.js';

const files = (found: Partial<RewardFiles>): RewardFiles => ({
  txt: null,
  json: null,
  refused: [],
  ...found,
});
const rewardOf = (found: Partial<RewardFiles>, precedence: 'json' | 'txt' = 'json'): number | string => {
  const reading = readReward(files(found), precedence);
  return reading.kind === 'reward' ? reading.reward : reading.type;
};

describe('readReward', () => {
  it.each([
    ['1', 1],
    ['1\n', 1],
    ['0', 0],
    [' 0.625\r\n', 0.625],
    ['1.0', 1],
    ['.5', 0.5],
    ['1e-05', 1e-5],
    ['-1', -1],
    ['2.5', 2.5],
  ])('reads %j as a number', (txt, reward) => {
    expect(rewardOf({ txt })).toBe(reward);
  });

  it.each([
    'nan',
    'inf',
    'Infinity',
    '-inf',
    '0x1',
    '1abc',
    '1\0',
    'true',
    '[1]',
    '1 1',
    '１',
    '1_0',
    '1e400',
  ])('refuses %j', (txt) => {
    expect(rewardOf({ txt })).toBe('VerifierOutputParseError');
  });

  it.each(['', ' \n'])('calls %j empty', (txt) => {
    expect(rewardOf({ txt })).toBe('RewardFileEmptyError');
  });

  it('reports a missing file under the name Harbor uses, and what was refused in its place', () => {
    const reading = readReward(files({ refused: [{ path: 'reward.txt', reason: 'symlink' }] }), 'json');
    expect(reading).toMatchObject({ type: 'RewardFileNotFoundError' });
    expect(reading.kind === 'failure' && reading.message).toContain('reward.txt was refused: symlink');
  });

  it.each([
    ['{"reward": 0.5}', 0.5],
    ['{"accuracy": 1}', 1],
    ['{"a": 1, "b": 0}', 0.5],
    ['{"reward": -1, "tests": 0.5}', -1],
    ['{"a": 3, "b": -1}', 1],
    ['{"reward": 1, "speed": 30}', 1],
  ])('reads the object %s', (json, reward) => {
    expect(rewardOf({ json })).toBe(reward);
  });

  it.each([
    '{"reward":1e999}',
    '{"reward":"1"}',
    '[1]',
    '1',
    'null',
    '{}',
    '{"reward":true}',
    '{"reward":{"a":1}}',
    '{',
  ])('refuses the object %s', (json) => {
    expect(rewardOf({ json })).toBe('VerifierOutputParseError');
  });

  it('lets the configured file win and tells of a disagreement', () => {
    const both = { txt: '0', json: '{"reward": 1}' };
    expect(rewardOf(both, 'json')).toBe(1);
    expect(rewardOf(both, 'txt')).toBe(0);
    expect(readReward(files(both), 'json')).toMatchObject({ conflict: { file: 'reward.txt', reward: 0 } });
    expect(readReward(files({ txt: '1.0', json: '{"reward": 1}' }), 'json')).toMatchObject({
      conflict: null,
    });
    expect(readReward(files({ txt: 'x', json: '{"reward": 1}' }), 'json')).toMatchObject({
      conflict: { file: 'reward.txt', reward: null },
    });
  });

  it('yields finite numbers only, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.json()), (text) => {
        for (const found of [{ txt: text }, { json: text }]) {
          const reward = rewardOf(found);
          if (typeof reward === 'number') expect(Number.isFinite(reward)).toBe(true);
        }
      }),
    );
  });

  it('round-trips every double in range as scripts print it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
        expect(parseDecimal(`${value}\n`)).toBe(value);
      }),
    );
  });
});
