import { readShellProgram } from '../../../base/shell/shell-program.js';

const program = readShellProgram('./test.sh', import.meta.url);

/**
 * A Harbor-style test.sh for a Terminal-Bench 1 task: puts the task's own run-tests.sh in place, runs it and
 * turns its outcome into `/logs/verifier/reward.txt`. Reward 1 when pytest's report names at least one passed
 * test and no failed one; without such a report the script's exit code decides. One text, because what the
 * verifier knows of the tests before they run it reads there.
 */
export function runTestsScript(runTests: string): string {
  const text = runTests.replaceAll('\r\n', '\n').replace(/\n?$/, '\n');
  return program.replace(/^TEXT OF .*\n/m, () => text);
}
