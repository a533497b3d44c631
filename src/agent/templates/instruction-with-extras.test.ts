import { expect, test } from 'vitest';
import { agentContext, printed, tableSandbox } from '../../../test/doubles/agent-context.js';
import { bashCall, scriptedModels } from '../../../test/doubles/scripted-chat-model.js';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import type { Task, TaskEnvironment } from '../../dataset/task.js';
import type { AgentSandbox } from '../../sandbox/sandbox.js';
import type { Harness } from '../harness/harness.js';
import { loadHarness } from '../harness/load-harness.js';
import { createModelAgent } from '../loop/model-agent.js';

const mini = await loadHarness('mini-swe-agent');
const bare: Harness = {
  ...mini,
  prompts: { ...mini.prompts, engine: 'literal', instance: '<{{task}}>', stripTask: false },
};
const plain = { mcpServers: [], skillsDir: null };

/** What a model is told of a task, to the character. */
async function told(
  environment: Pick<TaskEnvironment, 'mcpServers' | 'skillsDir'>,
  options: {
    readonly sandbox?: AgentSandbox;
    readonly harness?: Harness;
    readonly earlier?: Pick<Task, 'dir' | 'conversation'>;
  } = {},
): Promise<unknown> {
  const {
    sandbox = tableSandbox(() => printed('')),
    harness = bare,
    earlier = { dir: '/', conversation: null },
  } = options;
  const models = scriptedModels([
    { toolCalls: [bashCall('echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT')] },
    { toolCalls: [bashCall('true')] },
  ]);
  using context = agentContext({
    task: { name: 'one', instruction: 'Do it.\n', environment, ...earlier } as Partial<Task> & {
      name: string;
      instruction: string;
    },
    sandbox,
  });
  await createModelAgent({ harness, models, version: '1' }).run(context);
  return models.requests[0]?.messages[1]?.content;
}

const server = { url: null, command: null, args: [] };

test('MCP servers of every transport stand behind the instruction as Harbor writes them', async () => {
  const mcpServers = [
    { ...server, name: 'web', transport: 'sse', url: 'http://mcp:8931/sse' },
    { ...server, name: 'api', transport: 'streamable-http', url: 'http://api/mcp' },
    { ...server, name: 'sh', transport: 'stdio', command: 'npx', args: ['-y', 'files'] },
  ] as const;
  expect(await told({ ...plain, mcpServers })).toBe(
    '<Do it.\n\n\nMCP Servers:\nThe following MCP servers are available for this task.\n' +
      '- web: sse transport, url: http://mcp:8931/sse\n' +
      '- api: streamable-http transport, url: http://api/mcp\n' +
      '- sh: stdio transport, command: npx -y files\n>',
  );
});

function sandboxWith(skills: Readonly<Record<string, string>>): AgentSandbox {
  const found = { stderr: '', exitCode: 0, timedOut: false, droppedBytes: 0, durationMs: 0 };
  return {
    ...tableSandbox(() => printed('')),
    exec: async () => ({ ...found, stdout: `${Object.keys(skills).join('\n')}\n` }),
    readFile: async (path) => Buffer.from(skills[path] ?? ''),
  };
}

test('skills with a name and a description stand in the block that terminus-2 is given, in order of place', async () => {
  const sandbox = sandboxWith({
    '/skills/b/SKILL.md': '---\nname: b\ndescription: Reads <x> & y.\n---\nText.\n',
    '/skills/a/SKILL.md': '---\nname: a\ndescription: >-\n  Folds\n  lines.\n---\n',
    '/skills/no-header/SKILL.md': '# A skill\n',
    '/skills/no-name/SKILL.md': '---\ndescription: x\n---\n',
    '/skills/broken/SKILL.md': '---\nname: [\n---\n',
  });
  expect(await told({ ...plain, skillsDir: '/skills' }, { sandbox })).toBe(
    '<Do it.\n\n<available_skills>\n' +
      '  <skill>\n    <name>a</name>\n    <description>Folds lines.</description>\n    <location>/skills/a/SKILL.md</location>\n  </skill>\n' +
      '  <skill>\n    <name>b</name>\n    <description>Reads &lt;x&gt; &amp; y.</description>\n    <location>/skills/b/SKILL.md</location>\n  </skill>\n' +
      '</available_skills>>',
  );
});

test('nothing is added where there is nothing, and by a harness that does not say so', async () => {
  expect(await told(plain)).toBe('<Do it.\n>');
  expect(await told({ ...plain, skillsDir: '/none' })).toBe('<Do it.\n>');
  const mcpServers = [{ ...server, name: 'web', transport: 'sse', url: 'http://x' }] as const;
  expect(await told({ ...plain, mcpServers }, { harness: { ...bare, taskExtras: false } })).toBe(
    '<Do it.\n>',
  );
});

test('an earlier conversation stands in front of the instruction, its calls as text, and what is none is an error of the task', async () => {
  await using scratch = await scratchFolder();
  const steps = [
    { source: 'system', message: 'You are.' },
    { source: 'user', message: 'Look.' },
    {
      source: 'agent',
      message: 'I look.',
      tool_calls: [{ tool_call_id: '1', function_name: 'run', arguments: { command: 'ls' } }],
      observation: { results: [{ source_call_id: '1', content: 'a b\n' }] },
    },
  ];
  const atif = JSON.stringify({ schema_version: 'ATIF-v1.8', steps });
  await scratch.write({ 'trajectory.json': atif, 'other.json': '{}' });
  expect(await told(plain, { earlier: { dir: scratch.dir, conversation: 'trajectory.json' } })).toBe(
    '<<earlier_conversation>\n<user>\nLook.\n</user>\n<assistant>\nI look.\nrun({"command":"ls"})\n</assistant>\n' +
      '<tool>\na b\n</tool>\n</earlier_conversation>\n\nDo it.\n>',
  );
  const none = told(plain, { earlier: { dir: scratch.dir, conversation: 'other.json' } });
  await expect(none).rejects.toThrow('neither an ATIF trajectory');
});
