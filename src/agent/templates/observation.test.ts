import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printed } from '../../../test/doubles/agent-context.js';
import type { CommandResult } from '../../sandbox/sandbox.js';
import { firstCodePoints, lastCodePoints, stripEnd } from './code-points.js';
import type { Harness } from '../harness/harness.js';
import { loadHarness } from '../harness/load-harness.js';
import { isSubmission, renderObservation } from './observation.js';

const tmax = await loadHarness('tmax');
const mini = await loadHarness('mini-swe-agent');
const scope = { modelCalls: 1, elapsedMs: 0, task: 't' };
const show = (result: CommandResult, harness: Harness = tmax): string =>
  renderObservation(harness, result, scope);

/** What the sandbox keeps of an output: all of it, or head and tail. */
function captured(text: string, limits: Harness['outputLimits'], exitCode = 0): CommandResult {
  const points = Array.from(text);
  const whole = points.length <= limits.head + limits.tail;
  const head = whole ? text : points.slice(0, limits.head).join('');
  const tail = whole ? '' : points.slice(-limits.tail).join('');
  const elided = whole ? 0 : points.length - limits.head - limits.tail;
  return { ...printed('', exitCode), output: { head, tail, elided, totalBytes: Buffer.byteLength(text) } };
}

/** The published rule, on the whole text. */
function published(text: string, hint: string): string {
  const points = Array.from(stripEnd(text));
  if (points.length === 0) return '(no output)';
  if (points.length <= 10_000) return points.join('');
  const part = (from: number, to?: number): string => points.slice(from, to).join('');
  return [
    `${hint}\n`,
    '---- HEAD (5000 chars) ----',
    part(0, 5_000),
    `---- ${points.length - 10_000} chars elided ----`,
    '---- TAIL (5000 chars) ----',
    part(-5_000),
  ].join('\n');
}

describe('the observation of tmax.yaml', () => {
  const hint = tmax.observation.engine === 'literal' ? tmax.observation.truncation.hint : '';

  test('is output and exit code', () => {
    expect(show(printed('a\nb\n', 2))).toBe('a\nb\n\n(exit_code=2)');
    expect(show(printed(' \n\t\n'))).toBe('(no output)\n\n(exit_code=0)');
  });

  test('keeps partial output of a command that ran out of time', () => {
    expect(show({ ...printed('part\n', 124), timedOut: true })).toBe('part\n\n(exit_code=124)');
  });

  test('tells what happened to the shell', () => {
    expect(show({ ...printed('x'), notice: 'The shell was restarted.' })).toBe(
      'x\nThe shell was restarted.\n\n(exit_code=0)',
    );
  });

  test.each([9_999, 10_000, 10_001, 20_000, 20_001, 1_000_000])(
    'shows %i code points as published',
    (length) => {
      for (const char of ['x', '😀', 'é']) {
        const text = `${char.repeat(length - 1)}!`;
        expect(show(captured(text, tmax.outputLimits))).toBe(`${published(text, hint)}\n\n(exit_code=0)`);
      }
    },
  );

  test('shows any output as published, from what the sandbox keeps of it', () => {
    const chunk = fc.tuple(
      fc.constantFrom('x', '😀', '\n', ' ', '{{tail}}', '\u0000', 'é'),
      fc.integer({ min: 0, max: 9_000 }),
    );
    const text = fc
      .array(chunk, { maxLength: 5 })
      .map((chunks) => chunks.map(([unit, times]) => unit.repeat(times)).join(''));
    fc.assert(
      fc.property(text, (output) => {
        const spaceAtEnd = Array.from(output).length - Array.from(stripEnd(output)).length;
        fc.pre(spaceAtEnd <= 5_000);
        expect(show(captured(output, tmax.outputLimits))).toBe(`${published(output, hint)}\n\n(exit_code=0)`);
      }),
      { numRuns: 60 },
    );
  });

  test('counts right when the sandbox keeps no more than is shown', () => {
    const text = `${'h'.repeat(5_000)}${'m'.repeat(77)}${'t'.repeat(5_000)}`;
    expect(show(captured(text, { head: 5_000, tail: 5_000 }))).toBe(
      `${published(text, hint)}\n\n(exit_code=0)`,
    );
  });

  test('does not look for placeholders in what a command printed', () => {
    expect(show(printed('{{exit_code}} {{output}}', 7))).toBe('{{exit_code}} {{output}}\n\n(exit_code=7)');
  });

  test('keeps an output of exactly the limit whole, or not, as the file says', () => {
    const text = 'x'.repeat(10_000);
    if (tmax.observation.engine !== 'literal') throw new Error('tmax.yaml is literal');
    const { observation } = tmax;
    const below: Harness = {
      ...tmax,
      observation: { ...observation, truncation: { ...observation.truncation, keepWhole: 'below' } },
    };
    expect(show(printed(text))).toBe(`${text}\n\n(exit_code=0)`);
    expect(show(printed(text), below)).toContain('---- 0 chars elided ----');
  });
});

describe('the observation of mini-swe-agent.yaml', () => {
  const read = (result: CommandResult): unknown => JSON.parse(show(result, mini));

  test('is whole below 10,000 code points and cut from there on', () => {
    expect(read(printed('😀'.repeat(9_999), 3))).toEqual({ returncode: 3, output: '😀'.repeat(9_999) });
    expect(read(printed('😀'.repeat(10_000)))).toEqual({
      returncode: 0,
      head: '😀'.repeat(5_000),
      tail: '😀'.repeat(5_000),
      characters_left_out: 0,
    });
  });

  test('counts what the sandbox did not keep', () => {
    const text = `${'a'.repeat(70_000)}${'b'.repeat(70_000)}`;
    expect(read(captured(text, mini.outputLimits))).toEqual({
      returncode: 0,
      head: 'a'.repeat(5_000),
      tail: 'b'.repeat(5_000),
      characters_left_out: 130_000,
    });
  });
});

describe('isSubmission', () => {
  const marker = 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
  test.each([
    [mini, 'cat x', `\n  ${marker} \nrest`, 0, true],
    [mini, 'cat x', marker, 1, false],
    [mini, 'cat x', `first\n${marker}\n`, 0, false],
    [mini, `echo ${marker}`, '', 0, false],
    [tmax, `echo ${marker}`, '', 1, true],
    [tmax, 'cat x', `first\n${marker}\n`, 1, true],
    [tmax, 'cat x', 'first', 0, false],
  ])('%# follows the rule of the file', (harness, command, output, exitCode, expected) => {
    const result = printed(output, exitCode);
    expect(isSubmission(harness, { command, result, shown: show(result, harness) })).toBe(expected);
  });

  test('does not take a command that ran out of time', () => {
    const result = { ...printed(marker), timedOut: true };
    expect(isSubmission(mini, { command: '', result, shown: '' })).toBe(false);
  });
});

describe('code points', () => {
  test('are cut without splitting a pair', () => {
    expect([firstCodePoints('a😀b', 2), lastCodePoints('a😀b', 2), lastCodePoints('abc', 0)]).toEqual([
      'a😀',
      '😀b',
      '',
    ]);
  });

  test('are stripped at the end as Python does', () => {
    expect(stripEnd('a \t\r\n\v\f\u001c\u0085\u00a0\u2003\u2028\u3000')).toBe('a');
    expect(stripEnd('a\ufeff')).toBe('a\ufeff');
    expect(stripEnd('a\u0000')).toBe('a\u0000');
  });
});
