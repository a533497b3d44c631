import { expect, it } from 'vitest';
import { exitCodeOf } from './exit-code.js';
import { complainAboutUnmeasured } from './complain-about-unmeasured.js';

it('ends a command with exit code 3 when infrastructure broke trials for good', () => {
  complainAboutUnmeasured([{ unmeasured: [] }], 'The same command');
  try {
    complainAboutUnmeasured([{ unmeasured: ['a__1'] }, { unmeasured: ['b__2'] }], 'The same command');
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      message: '2 trials have no verdict: a__1, b__2',
      hint: 'See exception.txt in their folders. The same command makes them again.',
    });
    expect(exitCodeOf(error)).toBe(3);
  }
});
