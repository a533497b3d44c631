#!/bin/bash
if [ "$(printf 'abc\nxy\n' | /app/flip | tr '\n' ' ')" = 'cba yx ' ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
