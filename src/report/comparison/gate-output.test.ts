import { expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { compareSides } from '../../score/comparison/compare.js';
import { gateDefaults, runGate, type GateResult } from '../../score/comparison/gate.js';
import { scoreJob } from '../../score/job/score-job.js';
import { sideOfJob, type ComparisonSide } from '../../score/comparison/comparison-side.js';
import { renderComparison } from './comparison-text.js';
import { escapeXml, renderGateJunit } from './gate-junit.js';
import { gateToJson } from './gate-json.js';
import { renderGate, renderGateAnnotations, renderGateMarkdown } from './gate-text.js';

const tasks = (rewards: readonly (number | null)[]): (readonly (number | null)[])[] =>
  Array.from({ length: 12 }, () => rewards);

function gate(before: readonly (number | null)[], after: readonly (number | null)[]): GateResult {
  const side = (rewards: readonly (number | null)[], name: string): ReturnType<typeof sideOfJob> =>
    sideOfJob(syntheticJob(tasks(rewards), name));
  return runGate(side(before, 'base'), side(after, 'new <job>'), { ...gateDefaults, maxUnmeasured: 0.5 });
}

it('says red with the evidence, in text, Markdown and JSON', () => {
  const red = gate([1, 1, 1], [0, 0, 0]);
  expect(renderGate(red, 80)).toMatch(/^gate: regression\n {2}because {5}the mean fell by 100\.0 pp/);
  expect(renderGateMarkdown(red)).toContain('## ❌ tbench gate: regression');
  expect(gateToJson(red)).toMatchObject({ verdict: 'regression', max_drop: 0.02, alpha: 0.05 });
});

it('claims no power and no bound beyond 100 points where there is next to no data', () => {
  const base = sideOfJob(syntheticJob([[1]]));
  const fallen = sideOfJob(syntheticJob([[0]]));
  const thin = runGate(base, fallen);
  expect(thin.dropBounds.high).toBe(1);
  expect(renderGate(thin, 200)).toContain('no drop of any size with 80 % power');
  const view = { comparison: compareSides(base, fallen), before: null, after: null };
  expect(renderComparison(view, 200)).toContain('no 80 % power for any difference');
  expect(gateToJson(runGate(base, base))).toMatchObject({ detectable_drop: null });
  const twoTasks = sideOfJob(
    syntheticJob([
      [1, 0],
      [1, 1],
    ]),
  );
  const same = compareSides(twoTasks, twoTasks);
  expect(renderComparison({ ...view, comparison: same }, 200)).toContain('no spread to judge others by');
});

it('fails broken tasks in JUnit only when the gate is red, and escapes names', () => {
  const red = renderGateJunit(gate([1, 1, 1], [0, 0, 0]));
  expect(red).toContain('<testsuites name="tbench gate" tests="13" failures="13" errors="0" skipped="0">');
  expect(red).toContain('name="new &lt;job&gt;"');
  const green = renderGateJunit(gate([1, 0, 1], [1, 1, 0]));
  expect(green).toContain('failures="0" errors="0"');
  expect(green).toContain('<property name="flaky" value="true"/>');
});

it('errors in JUnit when it cannot tell, and skips tasks without a verdict', () => {
  const thin = runGate(sideOfJob(syntheticJob([[1], [null]])), sideOfJob(syntheticJob([[0], [1]])));
  const xml = renderGateJunit(thin);
  expect(thin.decision).toBe('cannot-tell');
  expect(xml).toContain('errors="1" skipped="1"');
});

it('annotates a red run with the verdict and each broken task, as single lines', () => {
  const lines = renderGateAnnotations(gate([1, 1, 1], [0, 0, 0]))
    .trim()
    .split('\n');
  expect(lines[0]).toMatch(/^::error title=tbench gate::regression: /);
  expect(lines[0]).not.toMatch(/ 100\.0 %(?!25)/);
  expect(lines).toHaveLength(13);
});

it('compares for people with what could have been seen', () => {
  const [a, b] = [syntheticJob(tasks([1, 0]), 'a'), syntheticJob(tasks([0, 1]), 'b')];
  const comparison = compareSides(sideOfJob(a), sideOfJob(b));
  const text = renderComparison({ comparison, before: scoreJob(a), after: scoreJob(b) }, 100);
  expect(text).toContain('no difference beyond chance');
  expect(text).toContain('0 better, 0 worse, 12 alike');
});

it('writes XML without characters that XML cannot hold', () => {
  expect(escapeXml('a\u0000\u001b\ufffe\ud800<&"\'>\u{1f600}')).toBe(
    'a????&lt;&amp;&quot;&#39;&gt;\u{1f600}',
  );
});

it('lets no name steer what a page, a check or a terminal shows of a gate', () => {
  const name = 'x\u202e\u200b\u001b]0;\r\n::error::y';
  const side = (rewards: readonly number[], taskOf: (task: string) => string): ComparisonSide => {
    const job = syntheticJob(tasks(rewards), name);
    return sideOfJob({ ...job, trials: job.trials.map((t) => ({ ...t, task: taskOf(t.task) })) });
  };
  const steered = (task: string): string => `${task}\u202e\u001b[2J\n::error::z`;
  const red = runGate(side([1, 1, 1], steered), side([0, 0, 0], steered));
  expect(red.decision).toBe('regression');
  for (const text of [renderGateJunit(red), renderGateMarkdown(red), renderGateAnnotations(red)]) {
    expect(text).toContain('[2J');
    expect(text).not.toMatch(/[^\P{C}\n]|^::error::/mu);
  }
});

it('marks a side that is not whole beside its mean, in gate and comparison', () => {
  const [whole, part] = [syntheticJob(tasks([1, 0]), 'a'), syntheticJob(tasks([1, null]), 'b')];
  const result = runGate(sideOfJob(whole), sideOfJob(part), { ...gateDefaults, maxUnmeasured: 0.6 });
  expect(renderGate(result, 200)).toContain('b: 100.0 (12/24) %');
  expect(gateToJson(result)).toMatchObject({
    comparison: { coverage: { before: { measured: 24, planned: 24 }, after: { measured: 12, planned: 24 } } },
  });
  const view = { comparison: result.comparison, before: null, after: null };
  expect(renderComparison(view, 200)).toContain('50.0 → 100.0 (12/24) % over 12 tasks');
});

it('tells the tokens of two jobs once', () => {
  const [a, b] = ['a', 'b'].map((name) => {
    const job = syntheticJob(tasks([1, 0]), name);
    const tokens = { input: null, cached: null, output: 1000 };
    return { ...job, trials: job.trials.map((trial) => ({ ...trial, tokens })) };
  });
  if (a === undefined || b === undefined) throw new Error('no jobs');
  const { comparison } = runGate(sideOfJob(a), sideOfJob(b));
  const text = renderComparison({ comparison, before: scoreJob(a), after: scoreJob(b) }, 200);
  expect(text.match(/^ *tokens.*$/gm)).toHaveLength(1);
  expect(text).toContain('1000.0 → 1000.0 a trial');
});

it('gives no number of a comparison in which nothing was measured on both sides', () => {
  const nothing = runGate(sideOfJob(syntheticJob([[null]])), sideOfJob(syntheticJob([[1]])));
  expect(renderGate(nothing, 200)).not.toMatch(/ 0\.0 (?:%|points)/);
  expect(renderGate(nothing, 200)).toContain('– (0/1) %');
  const view = { comparison: nothing.comparison, before: null, after: null };
  expect(renderComparison(view, 200)).toContain('means       – (0/1) → – % over 0 tasks');
  expect(renderComparison(view, 200)).not.toContain('0.0');
  expect(gateToJson(nothing)).toMatchObject({ comparison: { mean_before: null, difference: null } });
});

it('names the options that would let it tell, and none where none would', () => {
  const base = sideOfJob({ ...syntheticJob(tasks([1, 1]), 'base'), timeoutMultiplier: 2 });
  const part = sideOfJob(syntheticJob(tasks([1, null]), 'part'));
  expect(renderGate(runGate(base, part), 200)).toContain('accept with --allow timeouts --max-unmeasured 0.5');
  const accepted = runGate(base, part, { ...gateDefaults, allow: ['timeouts'], maxUnmeasured: 0.5 });
  expect(accepted.decision).not.toBe('cannot-tell');
  const none = runGate(sideOfJob(syntheticJob([[1]])), sideOfJob(syntheticJob([[null]])));
  expect(none.remedy).toEqual({ allow: [], maxUnmeasured: null });
  expect(renderGate(none, 200)).not.toContain('accept with');
});
