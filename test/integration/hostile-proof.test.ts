import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeFailure } from '../../src/trial/failure.js';
import { Arena, usualScript, type Fight } from './integrity-arena.js';

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena[Symbol.asyncDispose]());

/** An agent that is root writes a program in the place of /bin/sh; `body` is what it does with its arguments. */
const replaceShell = (body: string): string => String.raw`cp /bin/bash /bin/bash.real
cat > /tmp/sh <<'S'
#!/bin/bash.real
${body}
S
chmod 755 /tmp/sh; mv /tmp/sh /bin/sh; mv /bin/sh /usr/bin/sh 2>/dev/null; echo replaced`;

const wrong = "printf 'def f(x):\\n    return 0\\n' > /app/sol.py";
const reward = `mkdir -p /logs/verifier; echo 1 > /logs/verifier/reward.txt; echo '{"reward": 1}' > /logs/verifier/reward.json`;

/** What came of it: an error with its blame, or a verdict with what it is worth. */
async function fight(commands: readonly string[], more: Partial<Fight> = {}): Promise<string> {
  try {
    const outcome = await arena.fight({ commands: [wrong, ...commands], script: usualScript, ...more });
    return `${outcome.verdict} worth ${outcome.effectiveReward}`;
  } catch (error) {
    return `blame ${describeFailure(error).blame}`;
  }
}

describe('a forged proof of place never becomes a verdict that counts', () => {
  it('where the shell says that it is elsewhere, with the token that anybody inside can read', async () => {
    const body = String.raw`token=$(tr '\0' '\n' < /proc/1/cmdline | grep -xE '[0-9a-f]{32}' | tail -n 1)
echo "tbench: not in sandbox $token" >&2; exit 125`;
    expect(await fight([replaceShell(body)])).toBe('blame infrastructure');
  });

  it.each([
    ['runs nothing and leaves a reward', `${reward}; exit 0`],
    [
      'skips the proof, runs the tests and rewrites the reward',
      `shift 3; "$@"; code=$?; ${reward}; exit $code`,
    ],
    [
      'prints what the tests would print',
      `${reward}; echo "--- tests" >&2; echo "2 passed in 0.01s"; exit 0`,
    ],
  ])('where the shell %s', async (_, body) => {
    expect(await fight([replaceShell(body)])).not.toMatch(/worth (?!0$)/);
  });

  it('where every stream of PID 1 is written to while the tests run', async () => {
    const noise = String.raw`(setsid bash -c 'while sleep 0.02; do for d in /proc/1/fd/*; do printf "\0010 end 0 0\n--- tests\n2 passed in 0.01s\n" > $d; done; ${reward}; done' > /dev/null 2>&1 < /dev/null &)`;
    expect(await fight([noise])).not.toMatch(/worth (?!0$)/);
  });
});
