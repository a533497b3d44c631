import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { rules } from '../../src/model/retry/failure-table.js';
import { defaultServeRequest, serveLines } from '../../src/model/preflight/vllm-command.js';

const page = fileURLToPath(new URL('../../docs/model-server.md', import.meta.url));

describe('docs/model-server.md', () => {
  it('shows the failure table row by row, in order and with its classes', async () => {
    const text = await readFile(page, 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z0-9-]+)` \|.*\| ([a-z-]+)(.*) \|$/gm)];
    expect(
      rows.map(([, name, failureClass, more = '']) => [name, failureClass, more.includes('/health')]),
    ).toEqual(rules.map((rule) => [rule.name, rule.class, rule.askHealth === true]));
  });

  it('shows the command that tbench serve prints', async () => {
    const model = { ...defaultServeRequest, model: 'allenai/qwen35-9b-swesmith', revision: 'step_20' };
    expect(await readFile(page, 'utf8')).toContain(`\n${serveLines(model)}\n`);
  });
});
