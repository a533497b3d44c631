/**
 * Plays recorded Tmax trajectories (bare message lists, `trajectory.json` anywhere below a folder) through the
 * loop with tmax.yaml and the recording's own words, and says which messages come out different:
 *
 *     npx tsx scripts/compare-trajectories.ts DIR
 *
 * Replies and command outputs come from the recording; everything between them is ours. Not compared: our answer
 * to calls that were passed over, which the recordings leave unanswered.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Harness } from '../src/agent/harness/harness.js';
import { loadHarness } from '../src/agent/harness/load-harness.js';
import { createModelAgent } from '../src/agent/loop/model-agent.js';
import { wireMessage } from '../src/model/wire/chat-body.js';
import type { CommandResult } from '../src/sandbox/sandbox.js';
import { agentContext, printed, tableSandbox } from '../test/doubles/agent-context.js';
import { scriptedModels } from '../test/doubles/scripted-chat-model.js';

const messageSchema = z.object({
  role: z.string(),
  content: z.string().nullable(),
  tool_call_id: z.string().optional(),
  tool_calls: z
    .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
});
type Message = z.infer<typeof messageSchema>;

const cut =
  /^([^]*?)\n\n---- HEAD \(5000 chars\) ----\n([^]*)\n---- (\d+) chars elided ----\n---- TAIL \(5000 chars\) ----\n([^]*)$/;

/** The result a recorded tool message was made from. */
function resultOf(content: string): CommandResult {
  const [, body = content, exitCode = '0'] = /^([^]*)\n\n\(exit_code=(-?\d+)\)$/.exec(content) ?? [];
  const [, , head, elided, tail] = cut.exec(body) ?? [];
  const result = printed(body === '(no output)' ? '' : body, Number(exitCode));
  if (head === undefined || tail === undefined) return result;
  return { ...result, output: { head, tail, elided: Number(elided), totalBytes: 0 } };
}

function harnessOf(messages: readonly Message[], base: Harness): Harness {
  const [system, instance] = messages;
  const asked = messages.slice(2).find(({ role }) => role === 'user');
  const hint = messages.map(({ content }) => cut.exec(content ?? '')?.[1]).find((text) => text !== undefined);
  if (base.observation.engine !== 'literal') throw new Error('tmax.yaml is literal');
  const { observation } = base;
  return {
    ...base,
    prompts: {
      ...base.prompts,
      system: system?.content ?? '',
      instance: instance?.content ?? '',
      formatError: asked?.content ?? '',
    },
    observation: {
      ...observation,
      truncation: { ...observation.truncation, hint: hint ?? observation.truncation.hint },
    },
  };
}

/** The messages of the last request that the loop makes of a recording. */
async function replay(messages: readonly Message[], base: Harness): Promise<readonly Message[]> {
  const outputs = messages.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
  const replies = messages
    .filter(({ role }) => role === 'assistant')
    .map(({ content, tool_calls }) => ({
      content,
      toolCalls: (tool_calls ?? []).map(({ id, function: call }) => ({ id, ...call, recovered: false })),
    }));
  const models = scriptedModels([...replies, 'hang']);
  let next = 0;
  const sandbox = tableSandbox(() => resultOf(outputs[next++] ?? ''));
  using context = agentContext({ task: { name: 'recorded', instruction: '' }, sandbox, timeoutMs: 2_000 });
  await createModelAgent({ harness: harnessOf(messages, base), models, version: '0' }).run(context);
  const sent =
    models.requests.at(-1)?.messages.map((message) => messageSchema.parse(wireMessage(message))) ?? [];
  return sent.filter(({ content }) => content !== base.actions.passedOverText);
}

/** A message as it is compared. */
function essence({ role, content, tool_call_id, tool_calls }: Message): string {
  const calls = (tool_calls ?? []).map(({ id, function: call }) => [id, call.name, call.arguments]);
  return JSON.stringify([role, content, tool_call_id, calls]);
}

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: npx tsx scripts/compare-trajectories.ts DIR');
const base = await loadHarness('tmax');
const sums = { trials: 0, messages: 0, different: 0 };
for (const path of await readdir(dir, { recursive: true })) {
  if (!path.endsWith('trajectory.json')) continue;
  const recorded = z.array(messageSchema).safeParse(JSON.parse(await readFile(join(dir, path), 'utf8')));
  if (!recorded.success) continue;
  // A trial that died in the middle of a command ends before its answer.
  const ours = (await replay(recorded.data, base)).slice(0, recorded.data.length);
  const different = ours.flatMap((message, index) => {
    const theirs = recorded.data[index];
    return theirs !== undefined && essence(message) === essence(theirs) ? [] : [index];
  });
  sums.trials += 1;
  sums.messages += ours.length;
  sums.different += different.length;
  if (different.length > 0) console.log(`${path}: messages ${different.join(', ')} differ`);
}
console.log(`${sums.trials} trials, ${sums.messages} messages, ${sums.different} different`);
