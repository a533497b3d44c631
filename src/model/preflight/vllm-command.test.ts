import { describe, expect, it } from 'vitest';

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { defaultServeRequest, serveLines, toolCallParserFor, vllmCommand } from './vllm-command.js';

describe('the vLLM command', () => {
  it('has the flags the harness files rely on', () => {
    expect(vllmCommand({ ...defaultServeRequest, model: 'allenai/qwen35-9b-swesmith' }).join(' ')).toBe(
      'vllm serve allenai/qwen35-9b-swesmith --served-model-name allenai/qwen35-9b-swesmith --host 127.0.0.1 --port 8000 --max-model-len 65536 --enable-auto-tool-choice --tool-call-parser qwen3_xml --enable-prefix-caching --enable-prompt-tokens-details',
    );
  });

  it('serves a checkpoint under a name of its own', () => {
    const command = vllmCommand({
      ...defaultServeRequest,
      model: 'allenai/qwen35-9b-swesmith',
      revision: 'step_20',
    });
    expect(command.join(' ')).toContain(
      '--revision step_20 --tokenizer-revision step_20 --served-model-name allenai/qwen35-9b-swesmith@step_20',
    );
  });

  it.each([
    ['Qwen/Qwen2.5-7B-Instruct', 'hermes'],
    ['Qwen/Qwen3-8B', 'hermes'],
    ['Qwen/Qwen3.5-9B', 'qwen3_xml'],
    ['Qwen/Qwen3.6-27B', 'qwen3_xml'],
    ['Qwen/Qwen3-Coder-30B-A3B-Instruct', 'qwen3_xml'],
    ['allenai/tmax-9b', 'qwen3_xml'],
    ['meta-llama/Llama-3.1-8B-Instruct', 'llama3_json'],
    ['mistralai/Devstral-Small', 'mistral'],
  ])('picks the parser for %s', (model, parser) => {
    expect(toolCallParserFor(model)).toBe(parser);
  });

  const request = { ...defaultServeRequest, model: 'a/b', extra: ["--x={'a': 1}"] };
  /** What a stand-in for vLLM sees of the printed lines: its arguments, and the key in its environment. */
  async function pasted(env: Record<string, string>): Promise<readonly string[]> {
    const script = `vllm() { printf '%s\\n' "$@"; sh -c 'echo "$VLLM_API_KEY"'; }\n${serveLines(request)}; echo "$OPENAI_API_KEY"`;
    const path = { PATH: '/usr/bin:/bin' };
    return (await promisify(execFile)('bash', ['-c', script], { env: { ...path, ...env } })).stdout
      .trim()
      .split('\n');
  }

  it('can be pasted into a shell, and gets the key in its environment, never as an argument', async () => {
    const lines = await pasted({ OPENAI_API_KEY: 'sec ret' });
    expect(lines.slice(0, -2)).toEqual(vllmCommand(request).slice(1));
    expect(lines.slice(-2)).toEqual(['sec ret', 'sec ret']);
    expect(serveLines(request)).not.toContain('sec');
  });

  it('makes a key where there is none', async () => {
    const [served, known] = (await pasted({})).slice(-2);
    expect(served).toMatch(/^[0-9a-f]{48}$/);
    expect(known).toBe(served);
  });
});
