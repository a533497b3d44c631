#!/bin/bash
# Stands for test.sh in a Terminal-Bench 1 task: runs the task's own run-tests.sh and turns its outcome into a reward.
# run-tests-script.ts puts the text of run-tests.sh in place of the line that begins with `TEXT OF`.
export TEST_DIR=/tests
log=/logs/verifier/run-tests.log
mkdir -p /logs/verifier
cat > "$TEST_DIR/run-tests.sh" <<'TBENCH_END_OF_RUN_TESTS'
TEXT OF run-tests.sh
TBENCH_END_OF_RUN_TESTS

bash "$TEST_DIR/run-tests.sh" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# pytest's report: its summary starts the counts anew, and the line with its totals confirms them.
passed=0 failed=0
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    *'short test summary info'*) passed=0 failed=0 ;;
    'PASSED '*) passed=$((passed + 1)) ;;
    'FAILED '* | 'ERROR '*) failed=$((failed + 1)) ;;
  esac
  if [[ $line =~ ^=*\ ?([0-9]+\ [a-z]+,\ )*[0-9]+\ [a-z]+\ in\ [0-9.]+s ]]; then
    [[ $line =~ [0-9]+\ passed ]] && passed=$((passed + 1))
    [[ $line =~ [0-9]+\ (failed|errors?) ]] && failed=$((failed + 1))
  fi
done < "$log"

reward=0
if [ $((passed + failed)) -gt 0 ]; then
  [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && reward=1
elif [ "$status" -eq 0 ]; then
  reward=1
fi
echo "$reward" > /logs/verifier/reward.txt
