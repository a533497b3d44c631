import { expect, it } from 'vitest';
import { ImageError, SandboxError } from '../base/errors.js';
import { anotherTry } from './another-try.js';

const acted = { started_at: '2026-01-01T00:00:00Z', finished_at: '2026-01-01T00:00:01Z' };
const nobody = { agent_execution: null };

it.each([
  ['before the agent', nobody, 'engine-failed'],
  ['after it', { agent_execution: acted }, 'may-help'],
  ["after a step's agent", { ...nobody, step_results: [{ agent_execution: acted }, nobody] }, 'may-help'],
  ['before the first step', { ...nobody, step_results: [nobody] }, 'engine-failed'],
])('a sandbox that breaks %s is judged so', (_when, result, judged) => {
  expect(anotherTry(new SandboxError('gone'), result)).toBe(judged);
});

it('asks no further for an image that is not there', () => {
  expect(anotherTry(new ImageError('unknown', { isFinal: true }), nobody)).toBe('is-pointless');
  expect(anotherTry(null, nobody)).toBe('may-help');
});
