/**
 * The stand-in for vLLM as a program of its own, for tests of `tbench sweep`: serves REVISION of MODEL at PORT, or what the
 * arguments `serve MODEL --revision ...` after the first say, as vLLM's own are; and solves those tasks that the mix file
 * (`{ "step_1": ["task"] }`, first argument) has for that revision.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { FakeVllm, type SeenRequest } from './fake-vllm.js';
import type { ModelReply } from './generate.js';

const mix = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Record<string, string[]>;
const args = process.argv.slice(3);
const flag = (name: string): string | undefined =>
  args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
const revision =
  args[0] === 'serve' ? (flag('--revision') ?? basename(args[1] ?? '')) : process.env['REVISION'];
const name = flag('--served-model-name') ?? process.env['SERVED_NAME'] ?? '';
const solved = mix[revision ?? ''] ?? [];
const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';

/** Solves a task whose name stands in the conversation, and takes long enough for somebody to interrupt it. */
function reply({ body }: SeenRequest): ModelReply {
  const turn = body.messages.filter(({ role }) => role === 'assistant').length;
  const asked = body.messages.map(({ content }) => JSON.stringify(content)).join(' ');
  const act = solved.some((task) => asked.includes(task)) ? 'touch done' : 'true';
  return {
    thought: 'I do it.',
    content: 'THOUGHT: on.',
    command: [`${act}; sleep 0.5`, submit][turn] ?? submit,
  };
}

const server = await FakeVllm.start({
  model: name,
  port: Number(flag('--port') ?? process.env['PORT']),
  reply,
});
process.stdout.write(`serving ${name} at ${server.baseUrl}\n`);
