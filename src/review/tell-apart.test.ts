import { expect, it } from 'vitest';
import { tellApart } from './tell-apart.js';

const job = (dir: string, model: string | null = null, name = dir.split('/').at(-1) ?? '') => ({
  dir,
  model,
  name,
});
const names = (...jobs: readonly ReturnType<typeof job>[]): string[] =>
  tellApart(jobs).map(({ name }) => name);

it('leaves names alone that differ already', () => {
  expect(names(job('/r/a', 'm'), job('/r/b', 'm'))).toEqual(['a', 'b']);
});

it('names jobs of one folder name after their models', () => {
  expect(names(job('/r/x/tb', 'org/one'), job('/r/y/tb', 'org/two'), job('/r/other', 'org/one'))).toEqual([
    'org/one',
    'org/two',
    'other',
  ]);
});

it('takes the shortest end of the path where models do not tell', () => {
  expect(names(job('/r/x/tb', 'm'), job('/r/y/tb', 'm'))).toEqual(['x/tb', 'y/tb']);
  expect(names(job('/r/x/run/tb', 'm'), job('/r/y/run/tb', null))).toEqual(['x/run/tb', 'y/run/tb']);
  expect(names(job('/tb', 'm'), job('/r/tb', 'm'))).toEqual(['tb', 'r/tb']);
});

it('never takes a name that another job has', () => {
  expect(names(job('/r/x/tb', 'm1'), job('/r/y/tb', 'm2'), job('/r/m1', 'm3'))).toEqual([
    'x/tb',
    'y/tb',
    'm1',
  ]);
});

it('keeps what a mixed folder is told apart by, and numbers what nothing tells apart', () => {
  expect(names(job('/r/x/tb', 'm', 'tb (a, m, d)'), job('/r/y/tb', 'm', 'tb (a, m, d)'))).toEqual([
    'x/tb (a, m, d)',
    'y/tb (a, m, d)',
  ]);
  expect(names(job('/r/tb', 'm'), job('/r/tb', 'm'))).toEqual(['tb #1', 'tb #2']);
});
