#!/bin/bash
mkdir -p /tmp/unpacked && tar -xzf /app/flip.tar.gz -C /tmp/unpacked
if [ -x /tmp/unpacked/bin/flip ] && cmp -s /app/flip /tmp/unpacked/bin/flip; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
