import { expect, test } from 'vitest';
import { givenUlimits } from './ulimits.js';

const ceilings = {
  hard: new Map([
    ['nofile', 20_000],
    ['nproc', 32_768],
    ['memlock', 8_388_608],
  ]),
  canRaise: false,
};
const nproc = { name: 'nproc', soft: 32_768, hard: 32_768 };

test('a limit of a service is at most what this machine allows, and says so', () => {
  const wanted = [
    { name: 'nofile', soft: 65_536, hard: 262_144 },
    { name: 'memlock', soft: -1, hard: -1 },
    { name: 'core', soft: -1, hard: -1 },
  ];
  expect(givenUlimits(wanted, ceilings)).toEqual({
    ulimits: [
      { name: 'nofile', soft: 20_000, hard: 20_000 },
      { name: 'memlock', soft: 8_388_608, hard: 8_388_608 },
      { name: 'core', soft: -1, hard: -1 },
      nproc,
    ],
    clamped: [
      'ulimit nofile: 262144 wanted, this machine allows 20000',
      'ulimit memlock: -1 wanted, this machine allows 8388608',
    ],
  });
});

test('beside one limit those are set that podman would set too high by itself', () => {
  const wanted = [{ name: 'nofile', soft: 512, hard: 900 }];
  expect(givenUlimits(wanted, ceilings)).toEqual({ ulimits: [...wanted, nproc], clamped: [] });
});

test('nothing is touched without limits, or where they may be raised', () => {
  expect(givenUlimits([], ceilings).ulimits).toEqual([]);
  const wanted = [{ name: 'nofile', soft: 65_536, hard: 262_144 }];
  expect(givenUlimits(wanted, { ...ceilings, canRaise: true }).ulimits).toEqual(wanted);
});
