import json
import re
from collections import Counter

poem = open("/tests/poem.txt").read().lower()
wanted = Counter(re.findall(r"[a-z]+", poem))
given = json.load(open("/app/counts.json"))
assert given == dict(wanted), "the counts differ"
