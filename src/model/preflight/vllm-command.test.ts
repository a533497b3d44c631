import { describe, expect, it } from 'vitest';

import { defaultServeRequest, shellLine, toolCallParserFor, vllmCommand } from './vllm-command.js';

describe('the vLLM command', () => {
  it('has the flags the harness files rely on', () => {
    expect(shellLine(vllmCommand({ ...defaultServeRequest, model: 'allenai/qwen35-9b-swesmith' }))).toBe(
      'vllm serve allenai/qwen35-9b-swesmith --served-model-name allenai/qwen35-9b-swesmith --port 8000 --max-model-len 65536 --enable-auto-tool-choice --tool-call-parser qwen3_xml --enable-prefix-caching --enable-prompt-tokens-details',
    );
  });

  it('serves a checkpoint under a name of its own', () => {
    const command = vllmCommand({
      ...defaultServeRequest,
      model: 'allenai/qwen35-9b-swesmith',
      revision: 'step_20',
    });
    expect(shellLine(command)).toContain(
      '--revision step_20 --served-model-name allenai/qwen35-9b-swesmith@step_20',
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

  it('can be pasted into a shell', () => {
    expect(shellLine(['vllm', "--x={'a': 1}", 'plain'])).toBe(`vllm '--x={'\\''a'\\'': 1}' plain`);
  });
});
