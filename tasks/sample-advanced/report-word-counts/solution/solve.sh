#!/bin/bash
python3 - <<'PY'
import json
import re
from collections import Counter

words = re.findall(r"[a-z]+", open("/app/poem.txt").read().lower())
json.dump(Counter(words), open("/app/counts.json", "w"))
PY
