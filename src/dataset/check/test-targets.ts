import { mostLines } from '../../base/number/most-lines.js';

const runners = new Set(['pytest', 'py.test', 'python', 'python3', 'bash', 'sh', 'node', 'source', '.']);

/**
 * Test files that a test script runs from places other than `/tests`, where an agent may have put its own:
 * arguments of a test runner, and paths that a variable of the script chooses.
 */
export function targetsOutsideTests(script: string): string[] {
  const found = script
    .split('\n', mostLines)
    .flatMap((line) => targetsOfLine(line.replace(/(^|\s)#.*$/, '$1')));
  return [...new Set(found)];
}

function targetsOfLine(line: string): string[] {
  if (!/\.(?:py|sh|js)/.test(line)) return [];
  const words = line.match(/[^\s;&|()"']+/g) ?? [];
  const runs = words.some((word) => runners.has(word.slice(word.lastIndexOf('/') + 1)));
  return words
    .map((word) => word.slice(word.indexOf('=') + 1).replace(/::.*$/, ''))
    .filter((word) => isTestFile(word) && !isSafe(word) && (word.startsWith('/') || runs));
}

/** `test_outputs.py`, `/opt/hidden_tests/run.sh`: a script named like a test, or in a folder of tests. */
function isTestFile(word: string): boolean {
  if (!/\.(py|sh|js)$/.test(word)) return false;
  return /(^|\/)(test_[^/]*|[^/]*_test\.[a-z]+|[^/]*\.test\.[a-z]+)$/.test(word) || /tests?\//i.test(word);
}

/** In `/tests`, or in a place only a variable names, which is usually `$TEST_DIR`. */
function isSafe(word: string): boolean {
  return /^\/tests\//.test(word) || word.startsWith('$') || word.startsWith('-');
}
