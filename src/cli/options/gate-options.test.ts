import { expect, test } from 'vitest';
import { gateCommand } from '../gate.js';
import { readDecision } from '../run-decision.js';
import { describeRunCommand } from '../run-options.js';

test.each([
  ['--find-drop', '8pp'],
  ['--miss', '10%'],
])('gate refuses %s without --sequential', async (name, value) => {
  const gate = gateCommand().exitOverride();
  await expect(gate.parseAsync(['job', '--baseline', 'base', name, value], { from: 'user' })).rejects.toThrow(
    `${name} is for --sequential`,
  );
});

test.each([
  ['--baseline', 'base'],
  ['--max-drop', '2pp'],
  ['--alpha', '0.01'],
  ['--find-drop', '8pp'],
  ['--miss', '0.1'],
])('run refuses %s without --until-decided', async (name, value) => {
  const run = describeRunCommand().exitOverride().parse([name, value], { from: 'user' });
  await expect(readDecision(run.opts())).rejects.toThrow(`${name} is for --until-decided`);
});
