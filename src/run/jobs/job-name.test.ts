import { expect, test } from 'vitest';
import { InputError } from '../../base/errors.js';
import { jobName, jobStamp, slug } from './job-name.js';

const parts = { asked: null, dataset: 'tb-lite', isOneOfSeveral: false, actor: ['org/my model', 'tmax'] };

test('a job nobody named has the moment, the dataset and who acts in its name', () => {
  expect(jobName(parts)).toMatch(/^\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d-\d{3}__tb-lite__my-model__tmax$/);
});

test('a name asked for is kept, with the dataset behind it where a run has several jobs', () => {
  expect(jobName({ ...parts, asked: 'night-7' })).toBe('night-7');
  expect(jobName({ ...parts, asked: 'night-7', isOneOfSeveral: true })).toBe('night-7__tb-lite');
});

test.each(['..', '.hidden', 'a/b', '', 'a b', '-x'])('%j is refused as the name of a folder', (asked) => {
  expect(() => jobName({ ...parts, asked })).toThrow(InputError);
});

test.each([
  ['org/model', 'model'],
  ['replay:results/JOB/', 'JOB'],
  ['../..', ''],
  ['/', 'x'],
  ['Qwen 3.5 (9B)', 'Qwen-3.5-9B-'],
])('%j becomes the part %j of a folder name', (text, part) => {
  expect(slug(text)).toBe(part);
});

test('the moment sorts as text and separates what a script starts together', () => {
  expect(jobStamp()).toMatch(/^\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d-\d{3}$/);
});
