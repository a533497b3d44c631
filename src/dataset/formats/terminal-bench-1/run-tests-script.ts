const endMark = 'TBENCH_END_OF_RUN_TESTS';

/**
 * A Harbor-style test.sh for a Terminal-Bench 1 task: puts the task's own run-tests.sh in place, runs it and
 * turns its outcome into `/logs/verifier/reward.txt`. Reward 1 when pytest's report names at least one passed
 * test and no failed one; without such a report the script's exit code decides.
 */
export function runTestsScript(runTests: string): string {
  return `#!/bin/bash
# Runs the task's run-tests.sh and turns its outcome into a reward.
export TEST_DIR=/tests
log=/logs/verifier/run-tests.log
mkdir -p /logs/verifier
cat > "$TEST_DIR/run-tests.sh" <<'${endMark}'
${runTests.replaceAll('\r\n', '\n').replace(/\n?$/, '\n')}${endMark}

bash "$TEST_DIR/run-tests.sh" 2>&1 | tee "$log"
status=\${PIPESTATUS[0]}

passed=0 failed=0
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    *'short test summary info'*) passed=0 failed=0 ;;
    'PASSED '*) passed=$((passed + 1)) ;;
    'FAILED '* | 'ERROR '*) failed=$((failed + 1)) ;;
  esac
  if [[ $line =~ ^=*\\ ?([0-9]+\\ [a-z]+,\\ )*[0-9]+\\ [a-z]+\\ in\\ [0-9.]+s ]]; then
    [[ $line =~ [0-9]+\\ passed ]] && passed=$((passed + 1))
    [[ $line =~ [0-9]+\\ (failed|errors?) ]] && failed=$((failed + 1))
  fi
done < "$log"

if [ $((passed + failed)) -gt 0 ]; then
  [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && reward=1 || reward=0
else
  [ "$status" -eq 0 ] && reward=1 || reward=0
fi
echo "$reward" > /logs/verifier/reward.txt
`;
}
