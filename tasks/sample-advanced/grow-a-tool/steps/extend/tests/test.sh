#!/bin/bash
if [ "$(/app/flip -u < /app/words.txt | tr '\n' ' ')" = 'ENOTS REVIR ' ] && [ "$(echo ab | /app/flip)" = ba ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
