#!/bin/bash
wanted=$(python3 -I -c "print(sum(n * n % 97 for n in range(1, 58)))")
if [ "$(tr -d '[:space:]' < /app/total.txt)" = "$wanted" ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
