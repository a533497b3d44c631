import type { FC } from 'hono/jsx';
import { plural } from '../../../base/plural.js';
import type { ReportedTest } from '../../../review/trial/test-report.js';
import { duration } from '../../../report/text/format.js';
import { addresses } from '../../address.js';
import { Long } from './long-text.js';
import type { TrialProps } from './trial-props.js';

/** The failed tests with what they said, and the others folded away. */
export const TestReport: FC<Pick<TrialProps, 'data'>> = ({ data: { tests } }) => {
  const failed = tests.filter(({ status }) => status !== 'passed');
  const passed = tests.filter(({ status }) => status === 'passed');
  if (tests.length === 0) return null;
  return (
    <div class="tests">
      {failed.length === 0 ? null : (
        <ul class="failed-tests">
          {failed.slice(0, 20).map((test) => (
            <li>
              <TestLine test={test} />
              {test.message === null ? null : (
                <details>
                  <summary>{firstLine(test.message)}</summary>
                  <Long text={test.message} label={`What ${test.name} said`} />
                </details>
              )}
            </li>
          ))}
        </ul>
      )}
      {failed.length > 20 ? <p>and {failed.length - 20} more</p> : null}
      {passed.length === 0 ? null : (
        <details class="passed-tests">
          <summary>{plural(passed.length, 'test')} passed</summary>
          <ul>
            {passed.map((test) => (
              <li>
                <TestLine test={test} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
};

const TestLine: FC<{ readonly test: ReportedTest }> = ({ test }) => (
  <span class={`test ${test.status === 'passed' ? 'ok' : 'bad'}`}>
    <b>{test.status}</b> {test.name}
    {test.durationMs === null ? null : <small> {duration(test.durationMs)}</small>}
  </span>
);

function firstLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const told =
    lines.find((line) => /^E\s/.test(line)) ?? lines.find((line) => /Error|assert/i.test(line)) ?? lines[0];
  return (told ?? '').slice(0, 200);
}

/** The end of what the tests printed. */
export const TestOutput: FC<TrialProps> = ({ page, data: { output, job, name, files, step } }) => {
  const below = step === null ? '' : `steps/${step}/`;
  const whole = files.find(({ path }) => path === `${below}verifier/test-stdout.txt`);
  return (
    <section>
      <h2 id="output">Test output{step === null ? '' : ` of step ${step}`}</h2>
      {output === null || output.text.trim() === '' ? (
        <p class="empty-note">The tests left no output.</p>
      ) : (
        <>
          {output.fromByte > 0 && whole !== undefined ? (
            <p>
              The last {output.text.length} of {output.sizeBytes} bytes;{' '}
              <a href={page.to(addresses.file(job.name, name, whole.path))}>all of it</a>.
            </p>
          ) : null}
          <pre class="output" tabindex={0}>
            {output.text}
          </pre>
        </>
      )}
    </section>
  );
};
