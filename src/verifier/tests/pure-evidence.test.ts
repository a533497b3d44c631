import { describe, expect, it } from 'vitest';
import { recogniseBootstrapFailure } from './bootstrap.js';
import { parseCtrf } from './ctrf.js';
import { parseRunnerOutput } from './runner-output.js';
import { readTrace } from './trace.js';

describe('parseCtrf', () => {
  it('reads the counts', () => {
    const text = JSON.stringify({
      results: { summary: { tests: 3, passed: 1, failed: 1, skipped: 1, pending: 0, other: 0 } },
    });
    expect(parseCtrf(text)).toEqual({ tests: 3, passed: 1, failed: 1, skipped: 1, other: 0 });
  });

  it.each(['', '{', '{}', '{"results":{"summary":{"tests":-1,"passed":0,"failed":0}}}'])(
    'refuses %j',
    (text) => {
      expect(parseCtrf(text)).toBeNull();
    },
  );
});

it.each(['1 a, ', '1', '1 passed in ', '= ', '\u001b[1', 'bash: ', 'bash: :', 'curl: ('])(
  'reads 10 MB of %j in linear time',
  { timeout: 60_000 },
  (part) => {
    const output = `${part.repeat(10_000_000 / part.length)} in 1s`;
    expect(typeof parseRunnerOutput(output).started).toBe('boolean');
    recogniseBootstrapFailure(output);
  },
);

describe('parseRunnerOutput', () => {
  const session = `============================= test session starts ==============================
platform linux -- Python 3.13.1, pytest-8.4.1, pluggy-1.6.0
rootdir: /tests, configfile: pytest.ini
collected 3 items
\u001b[32m========================= 2 passed, 1 failed in 0.12s =========================\u001b[0m
`;

  it('finds the session, its rootdir and its summary', () => {
    expect(parseRunnerOutput(session)).toMatchObject({
      started: true,
      rootdir: '/tests',
      summary: '2 passed, 1 failed in 0.12s',
      passed: 2,
      failed: 1,
    });
  });

  it("understands unittest's summary", () => {
    const output = 'test_a ... ok\n\nRan 4 tests in 0.001s\n\nFAILED (failures=1, skipped=1)\n';
    expect(parseRunnerOutput(output)).toMatchObject({ started: true, passed: 2, failed: 1, skipped: 1 });
    expect(parseRunnerOutput('Ran 1 test in 0.0s\n\nOK\n')).toMatchObject({
      started: true,
      passed: 1,
      failed: 0,
    });
  });

  it('takes the last of several summaries', () => {
    expect(parseRunnerOutput(`${session}\n=== 5 passed in 1.00s ===\n`).passed).toBe(5);
  });

  it('finds nothing where no runner spoke', () => {
    expect(parseRunnerOutput('3 passed the exam\nuvx: command not found\n')).toMatchObject({
      started: false,
      summary: null,
      rootdir: null,
    });
  });
});

describe('readTrace', () => {
  it('finds the last reward written', () => {
    expect(readTrace("+ pytest\n+ '[' 1 -eq 0 ']'\n+ echo 0\n")).toEqual({ commands: 3, reward: 0 });
    expect(readTrace('++ echo 0\n++ echo 0.75\n').reward).toBe(0.75);
    expect(readTrace(`+ echo '{"reward": 0.5}'\n`).reward).toBe(0.5);
    expect(readTrace(`+ printf '%s\\n' 1\n`).reward).toBe(1);
    expect(readTrace('+ /bin/echo 1\n').reward).toBe(1);
    expect(readTrace('+ command echo 0\n').reward).toBe(0);
  });

  it('passes over what is no trace', () => {
    expect(readTrace('ERROR: ld.so: object cannot be preloaded\necho 1\n')).toEqual({
      commands: 0,
      reward: null,
    });
    expect(readTrace('+ echo done with 1\n').reward).toBeNull();
  });
});

describe('recogniseBootstrapFailure', () => {
  it.each([
    ['/tests/test.sh: line 19: uvx: command not found', 'tool-missing'],
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 312 (apt-get)\nuvx: command not found',
      'package-lock',
    ],
    [
      "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'\nuvx: command not found",
      'package-interrupted',
    ],
    ['curl: (6) Could not resolve host: astral.sh\nuvx: command not found', 'network'],
    ['tar: write error: No space left on device', 'disk-full'],
  ])('names the root cause in %j', (output, cause) => {
    expect(recogniseBootstrapFailure(output)?.cause).toBe(cause);
  });

  it('sees nothing in an ordinary failure', () => {
    expect(recogniseBootstrapFailure('E   AssertionError: assert 1 == 2\n1 failed in 0.1s')).toBeNull();
  });
});
