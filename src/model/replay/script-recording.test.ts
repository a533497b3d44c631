import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { findTrial } from './recording.js';
import { loadScripts, parseScript } from './script-recording.js';

const scripts = fileURLToPath(new URL('../../../test/fixtures/scripts', import.meta.url));

describe('scripts of model turns', () => {
  it('names the task after the file and turns `command` into one bash call', async () => {
    const recording = await loadScripts(scripts);
    const turn = findTrial(recording, 'sort-notes', 1)?.turns[0]?.answer;
    expect(turn).toEqual({
      kind: 'answer',
      thought: { field: 'reasoning', text: 'I should look before I act.' },
      content: 'Let me look at the file first.',
      toolCalls: [{ id: null, name: 'bash', arguments: '{"command":"cat notes.txt"}' }],
      finishReason: 'tool_calls',
      promptTokens: null,
      completionTokens: null,
    });
  });

  it('starts again at the first attempt when more are asked for', async () => {
    const recording = await loadScripts(scripts);
    expect(findTrial(recording, 'sort-notes', 3)).toBe(findTrial(recording, 'sort-notes', 1));
    expect(findTrial(recording, 'sort-notes', 4)).toBe(findTrial(recording, 'sort-notes', 2));
    expect(findTrial(recording, 'another', 1)).toBeNull();
  });

  it('keeps broken arguments as they stand', async () => {
    const turn = findTrial(await loadScripts(scripts), 'sort-notes', 2)?.turns[1]?.answer;
    expect(turn).toMatchObject({
      toolCalls: [{ arguments: '{"command": "echo half' }],
      finishReason: 'length',
    });
  });

  it('refuses an unknown key and says where it is', () => {
    expect(() => parseScript('attempts:\n  - turns:\n      - comand: ls\n', 'a.yaml')).toThrow(
      /a\.yaml[^]*comand/,
    );
  });

  it('refuses text that is not YAML', () => {
    expect(() => parseScript('attempts: [', 'a.yaml')).toThrow(/a\.yaml: not valid YAML/);
  });
});
