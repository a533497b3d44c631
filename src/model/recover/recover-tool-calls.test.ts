import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cpuMs } from '../../../test/doubles/cpu-time.js';
import { renderCall } from '../../../test/doubles/vllm/chat-template.js';
import type { Thought } from '../chat-model.js';
import { recoverToolCalls, type RecoverableReply } from './recover-tool-calls.js';

const tools = ['bash'];

interface Recovered {
  readonly content: string | null;
  readonly thought: Thought | null;
  readonly calls: readonly { readonly name: string; readonly args: unknown }[];
}

function recover(content: string | null, thought: string | null = null): Recovered {
  const given = thought === null ? null : { field: 'reasoning' as const, text: thought };
  const reply = recoverToolCalls<RecoverableReply>({ content, thought: given, toolCalls: [] }, tools);
  return {
    content: reply.content,
    thought: reply.thought,
    calls: reply.toolCalls.map((call) => ({ name: call.name, args: JSON.parse(call.arguments) as unknown })),
  };
}

const ls = [{ name: 'bash', args: { command: 'ls -la' } }];
const xml =
  '<tool_call>\n<function=bash>\n<parameter=command>\nls -la\n</parameter>\n</function>\n</tool_call>';
const json = '<tool_call>\n{"name": "bash", "arguments": {"command": "ls -la"}}\n</tool_call>';

describe('calls the server left in the text', () => {
  it.each([
    ['Qwen XML', xml],
    ['Hermes JSON', json],
    ['XML without closing tags', xml.slice(0, xml.indexOf('\n</parameter>'))],
    ['XML without </tool_call>', xml.replace('\n</tool_call>', '')],
    ['XML without </function>', xml.replace('\n</function>', '')],
    ['XML without </parameter>', xml.replace('\n</parameter>', '')],
    ['XML cut inside a closing tag', xml.slice(0, xml.indexOf('</parameter>') + 5)],
    ['XML without the <tool_call> opener', xml.replace('<tool_call>\n', '')],
    ['XML with quoted names', xml.replace('=bash', '="bash"').replace('=command', ' name="command"')],
    [
      'XML on one line',
      '<tool_call><function=bash><parameter=command>ls -la</parameter></function></tool_call>',
    ],
    ['JSON without </tool_call>', json.replace('\n</tool_call>', '')],
    ['JSON without the opener', json.replace('<tool_call>\n', '')],
    ['JSON with `parameters`', json.replace('arguments', 'parameters')],
    [
      'JSON with arguments as a string',
      '<tool_call>{"name": "bash", "arguments": "{\\"command\\": \\"ls -la\\"}"}</tool_call>',
    ],
    ['JSON with a stray quote after it', json.replace('}}\n', '}}"\n')],
    ['JSON with a stray quote inside', json.replace('}}\n', '}"}\n')],
    ['JSON without its last brace', json.replace('}}\n', '}\n')],
    ['fenced JSON', '```json\n{"name": "bash", "arguments": {"command": "ls -la"}}\n```'],
    [
      'fenced JSON inside the tags',
      `<tool_call>\n\`\`\`json\n{"name": "bash", "arguments": {"command": "ls -la"}}\n\`\`\`\n</tool_call>`,
    ],
  ])('are found: %s', (_, text) => {
    expect(recover(text)).toEqual({ content: null, thought: null, calls: ls });
    expect(recover(`I look.\n\n${text}`)).toEqual({ content: 'I look.', thought: null, calls: ls });
  });

  it('are found inside a thought that was never closed', () => {
    expect(recover(null, `I should look.\n${xml}`)).toEqual({
      content: null,
      thought: { field: 'reasoning', text: 'I should look.' },
      calls: ls,
    });
    expect(recover(`I should look.\n${json}`).calls).toEqual(ls);
  });

  it('count after </think> rather than where the thought mentions one', () => {
    const thought = 'The format is <tool_call><function=bash><parameter=command>x</parameter>.';
    expect(recover(`${thought}\n</think>\n\n${xml}`)).toEqual({
      content: `${thought}\n</think>`,
      thought: null,
      calls: ls,
    });
  });

  it('may be several, in one block or in several', () => {
    const two = [...ls, { name: 'bash', args: { command: 'pwd' } }];
    expect(recover(`${xml}\n${xml.replace('ls -la', 'pwd')}`).calls).toEqual(two);
    expect(recover(`${json}\n${json.replace('ls -la', 'pwd')}`).calls).toEqual(two);
    const both = json.replace('}}\n', '}}\n{"name": "bash", "arguments": {"command": "pwd"}}\n');
    expect(recover(both).calls).toEqual(two);
  });

  it('keep a </parameter> that belongs to the command', () => {
    const command = "sed -i 's#</parameter># #' a.xml\necho done";
    expect(recover(xml.replace('ls -la', command)).calls).toEqual([{ name: 'bash', args: { command } }]);
  });

  it('keep line breaks that a model wrote into a JSON string', () => {
    expect(recover(json.replace('ls -la', 'cd /app\nls')).calls).toEqual([
      { name: 'bash', args: { command: 'cd /app\nls' } },
    ]);
  });

  it('are marked, and have names and arguments as they were written', () => {
    const { toolCalls } = recoverToolCalls(
      { content: xml.replace('=bash', '=python').replace('=command', '=code'), thought: null, toolCalls: [] },
      tools,
    );
    expect(toolCalls).toMatchObject([{ name: 'python', arguments: '{"code":"ls -la"}', recovered: true }]);
  });

  it('leave a reply alone whose calls the server found', () => {
    const call = { id: 'a', name: 'bash', arguments: '{}', recovered: false };
    const reply = { content: xml, thought: null, toolCalls: [call] };
    expect(recoverToolCalls(reply, tools)).toBe(reply);
  });

  it.each([
    'Use <tool_call> to call a tool.',
    'The config is {"name": "app", "arguments": {"port": 1}}',
    '```json\n{"name": "app", "parameters": {}}\n```',
    'done',
    '',
  ])('are not seen in %j', (text) => {
    const reply = { content: text, thought: null, toolCalls: [] };
    expect(recoverToolCalls(reply, tools)).toBe(reply);
  });

  it('come out as they went in, whatever the command', () => {
    const command = fc
      .string({ unit: 'binary' })
      .filter((text) => !/<\/?(parameter|function|tool_call|think)/.test(text));
    fc.assert(
      fc.property(command, fc.string(), (text, prose) => {
        fc.pre(!prose.includes('<') && !prose.includes('{') && !prose.includes('`'));
        const viaXml = recover(`${prose}\n\n${renderCall('bash', { command: text })}`);
        expect(viaXml.calls).toEqual([{ name: 'bash', args: { command: text } }]);
        const hermes = `<tool_call>\n${JSON.stringify({ name: 'bash', arguments: { command: text } })}\n</tool_call>`;
        expect(recover(`${prose}\n${hermes}`).calls).toEqual([{ name: 'bash', args: { command: text } }]);
      }),
    );
  });

  it('are a beginning of the command when the text was cut anywhere', () => {
    const whole = renderCall('bash', { command: 'cat > a.py <<EOF\nprint(1)\nEOF\npython3 a.py' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
        for (const { args } of recover(whole.slice(0, length)).calls) {
          const { command } = args as { command?: string };
          expect('cat > a.py <<EOF\nprint(1)\nEOF\npython3 a.py'.startsWith(command ?? '')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never make it throw', () => {
    const piece = fc.constantFrom(
      '<tool_call>',
      '</tool_call>',
      '<function=bash>',
      '<parameter=command>',
      '{"name"',
      '</parameter>',
      '"arguments": {',
      '}',
      '"',
      '\\',
      '```json\n',
      '\n',
      '</think>',
      'ls',
      ': "bash"',
      ',',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const reply = recoverToolCalls<RecoverableReply>(
          { content: pieces.join(''), thought: null, toolCalls: [] },
          tools,
        );
        for (const call of reply.toolCalls) expect(typeof call.arguments).toBe('string');
      }),
    );
  });
});

describe('a command that quotes the tags of a call', () => {
  const nested = '<function=foo>\n<parameter=x>\n1\n</parameter>\n</function>';
  const call = (command: string): string => xml.replace('ls -la', command);
  const here = (...lines: readonly string[]): string =>
    ["cat > doc.md <<'EOF'", ...lines, 'EOF', 'make'].join('\n');

  it.each([
    ['the start of a call', here('Use <function=foo> to call.')],
    ['two starts', here('<function=foo>', '<tool_call>', '<function=bar>')],
    ['a whole call', here(nested)],
    ['two whole calls', here(nested, nested)],
    ['a whole call in quotes', `echo '${nested}' > doc.md\nmake`],
    ['an end of a call', here('</function>', '</tool_call>')],
    ['the end of a thought', here('</think>')],
    ['a call of the other form', here('<tool_call>', '{"name": "bash", "arguments": {"command": "rm x"}}')],
    ['a fenced call of the other form', here('```json', '{"name": "bash", "arguments": {}}', '```')],
  ])('is run whole: %s', (_, command) => {
    expect(recover(`Now.\n${call(command)}`).calls).toEqual([{ name: 'bash', args: { command } }]);
    const args = JSON.stringify({ name: 'bash', arguments: { command } });
    for (const text of [`<tool_call>\n${args}\n</tool_call>`, `\`\`\`json\n${args}\n\`\`\``])
      expect(recover(text).calls).toEqual([{ name: 'bash', args: { command } }]);
  });

  it.each([
    ['the end of a value and of a call', here('</parameter>', '</function>')],
    ['the end of all', here('</parameter>', '</function>', '</tool_call>')],
    ['an end, and another call', here('</parameter>', '</function>', nested)],
    ['an end in quotes', `echo '</parameter></function>'\nmake`],
    ['another value of the same name', here('</parameter>', '<parameter=command>', 'x')],
    ['the start of a value', here('<parameter=x>')],
    ['another value of another name', here('</parameter>', '<parameter=x>', 'y')],
    ['another value in quotes', `echo '</parameter><parameter=x>'\nmake`],
  ])('is turned down where its end cannot be told: %s', (_, command) => {
    const reply = { content: call(command), thought: null, toolCalls: [] };
    const { toolCalls } = recoverToolCalls<RecoverableReply>(reply, tools);
    expect(toolCalls).toHaveLength(1);
    expect(() => JSON.parse(toolCalls[0]?.arguments ?? '{}') as unknown).toThrow();
  });

  it('is never run in part, whatever it quotes and wherever the text was cut', () => {
    const quoted = fc.constantFrom(
      ...[
        '<tool_call>',
        '</tool_call>',
        '<function=a>',
        '</function>',
        '<parameter=command>',
        '</parameter>',
      ],
      ...['</think>', nested, 'text', '\n', '"', '{"name": "bash", "arguments": {}}'],
    );
    fc.assert(
      fc.property(fc.array(quoted, { maxLength: 8 }), fc.nat(80), (pieces, cut) => {
        const command = here(...pieces);
        const whole = call(command);
        const text = whole.slice(0, whole.length - cut);
        const { toolCalls } = recoverToolCalls<RecoverableReply>(
          { content: text, thought: null, toolCalls: [] },
          tools,
        );
        const cutAway = !text.includes('\nEOF\nmake\n</parameter>');
        for (const { arguments: args } of toolCalls.slice(0, 1)) {
          if (!args.startsWith('{') || !text.includes('<parameter=command>\n')) continue;
          const ran = (JSON.parse(args) as { command?: string }).command ?? '';
          const begun = text.slice(text.indexOf('<parameter=command>\n') + '<parameter=command>\n'.length);
          expect(begun.startsWith(ran)).toBe(true);
          if (cutAway) expect(begun.slice(ran.length)).toMatch(/^[\s\w</>]{0,60}$/);
          else expect(ran).toBe(command);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not run a JSON call twice', () => {
    const one = (command: string): string => JSON.stringify({ name: 'bash', arguments: { command } });
    const fenced = `\`\`\`\n${one('date')}\n\`\`\`\n\`\`\`\n${one('pwd')}\n\`\`\``;
    expect(recover(fenced).calls.map(({ args }) => args)).toEqual([{ command: 'date' }, { command: 'pwd' }]);
  });
});

const repeated = [
  '<tool_call>{',
  '<tool_call>{"name": "bash"',
  '```json\n{',
  '```\n{"name": "bash", "arguments": {"command": "ls"}}\n```\n',
  '<function=',
  '<function=bash><parameter=command>',
  '<function=bash><parameter=command>ls</parameter>',
  '<function=bash><parameter=command></parameter>x',
  '</think><function=bash><parameter=command>',
].map((text): [string, string] => [
  `${JSON.stringify(text)} again and again`,
  text.repeat(Math.ceil(10_000_000 / text.length)),
]);

describe('a reply made to hold tbench up', () => {
  const found = (content: string): number => {
    let calls = 0;
    const tookMs = cpuMs(() => {
      calls = recoverToolCalls({ content, thought: null, toolCalls: [] }, ['bash']).toolCalls.length;
    });
    expect(tookMs).toBeLessThan(20_000);
    return calls;
  };

  it.each<[string, string]>([
    ['line breaks', '\n'.repeat(1_000_000)],
    [
      'line breaks before a call',
      `${'\n'.repeat(1_000_000)}<function=bash><parameter=command>ls</parameter></function>`,
    ],
    ['line breaks in a value', `<function=bash><parameter=command>${'\n'.repeat(1_000_000)}x`],
    ...repeated,
    ['quotes', `<tool_call>{"name" ${'"\\'.repeat(5_000_000)}`],
    ['nesting', `<tool_call>{"name": "bash", "arguments": ${'['.repeat(10_000_000)}`],
    [
      'here-documents',
      `<function=bash><parameter=command>${'<<A\n'.repeat(2_500_000)}</parameter></function>x`,
    ],
  ])(
    'is read in a time that grows with its length: %s',
    (_, content) => {
      found(content);
    },
    120_000,
  );

  it('may hold more calls than a function takes arguments', () => {
    expect(found('<function=bash><parameter=command>ls</parameter></function>\n'.repeat(130_000))).toBe(
      130_000,
    );
  });
});
