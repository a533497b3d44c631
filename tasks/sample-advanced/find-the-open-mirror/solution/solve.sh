#!/bin/bash
: > /app/refused.txt
while read -r host; do
  curl -fsS --max-time 20 -o /app/release.txt "http://$host:8000/release.txt" || echo "$host" >> /app/refused.txt
done < /app/mirrors.txt
