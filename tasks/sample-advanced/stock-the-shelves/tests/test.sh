#!/bin/bash
sqlite3 /tmp/stock.db < /logs/artifacts/stock.sql
found=$(sqlite3 /tmp/stock.db 'SELECT item, amount FROM stock ORDER BY item' | tr '\n' ' ')
if [ "$found" = 'bolt|42 nut|30 washer|7 ' ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
