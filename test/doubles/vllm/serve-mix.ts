/**
 * The stand-in for vLLM as a program of its own, for tests of `tbench sweep`: serves REVISION of MODEL at PORT, and solves
 * those tasks that the mix file (`{ "step_1": ["task"] }`, first argument) has for that revision.
 */
import { readFileSync } from 'node:fs';
import { FakeVllm, type SeenRequest } from './fake-vllm.js';
import type { ModelReply } from './generate.js';

const mix = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Record<string, string[]>;
const solved = mix[process.env['REVISION'] ?? ''] ?? [];
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
  model: process.env['SERVED_NAME'] ?? '',
  port: Number(process.env['PORT']),
  reply,
});
process.stdout.write(`serving ${process.env['SERVED_NAME'] ?? ''} at ${server.baseUrl}\n`);
