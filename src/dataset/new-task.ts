import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../base/errors.js';

/**
 * Writes the files of a small whole task into a folder that must not be there yet: a file to be written, a test for it, a
 * solution. Returns the paths. Throws InputError for a name that is no task's, and a folder that is there.
 */
export async function writeNewTask(dir: string, name: string): Promise<readonly string[]> {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || name.includes('..'))
    throw new InputError(`${name}: a task's name is lower-case letters, digits, "-", "_" and "."`);
  await mkdir(path.dirname(dir), { recursive: true });
  await mkdir(dir).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
    const isThere = 'code' in error && error.code === 'EEXIST';
    throw new InputError(isThere ? `${dir} is there already; nothing is written` : error.message);
  });
  const written: string[] = [];
  for (const [file, { text, mode }] of Object.entries(files)) {
    const target = path.join(dir, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text, { mode });
    written.push(target);
  }
  return written;
}

const files: Readonly<Record<string, { readonly text: string; readonly mode: number }>> = {
  'task.toml': {
    mode: 0o644,
    text: `schema_version = "1.4"

[metadata]
difficulty = "easy"
category = "file-operations"
tags = []

[agent]
timeout_sec = 600.0

[verifier]
timeout_sec = 120.0

[environment]
build_timeout_sec = 600.0
cpus = 1
memory_mb = 1024
storage_mb = 2048
`,
  },
  'instruction.md': {
    mode: 0o644,
    text: `The file /app/numbers.txt has one whole number on each line. Write their sum, and nothing else, to /app/sum.txt.
`,
  },
  'environment/Dockerfile': {
    mode: 0o644,
    text: `FROM docker.io/library/debian:bookworm-slim
WORKDIR /app
RUN printf '3\\n14\\n25\\n' > numbers.txt
`,
  },
  'tests/test.sh': {
    mode: 0o755,
    text: `#!/bin/bash
# Run after the agent has left. The reward is what stands in /logs/verifier/reward.txt: 1 is a pass.
if [ "$(tr -d '[:space:]' </app/sum.txt)" = 42 ]; then
  echo 1 >/logs/verifier/reward.txt
else
  echo 0 >/logs/verifier/reward.txt
fi
`,
  },
  'solution/solve.sh': {
    mode: 0o755,
    text: `#!/bin/bash
sum=0
while read -r number; do
  sum=$((sum + number))
done </app/numbers.txt
echo "$sum" >/app/sum.txt
`,
  },
};
