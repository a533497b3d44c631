import { expect, test } from 'vitest';
import { targetsOutsideTests } from './test-targets.js';

test.each([
  ['pytest --ctrf /logs/verifier/ctrf.json /tests/test_outputs.py -rA', []],
  ['uvx -p 3.13 -w pytest==8.4.1 pytest $TEST_DIR/test_outputs.py', []],
  ['cp /tests/test_x.py /app/\ncd /app && go test ./...', []],
  ['# pytest /opt/test_x.py', []],
  ['pytest test_outputs.py', ['test_outputs.py']],
  ['python3 -m pytest tests/test_outputs.py::test_a -q', ['tests/test_outputs.py']],
  ['TARGET=/opt/hidden_tests/test_outputs.py\npytest "$TARGET"', ['/opt/hidden_tests/test_outputs.py']],
  ['if [ -f /task/tests/run.sh ]; then bash /task/tests/run.sh; fi', ['/task/tests/run.sh']],
])('finds the test files a script runs from where an agent can write: %s', (script, targets) => {
  expect(targetsOutsideTests(script)).toEqual(targets);
});
