import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Asked } from './bench.js';
import { recordedRequests, type RecordedRequest } from './requests.js';

const recordSchema = z.array(
  z.object({ server: z.string(), request: z.string(), status: z.number(), body: z.string() }),
);

/** Each refusal on record is asked for again and compared to the letter, so that a new vLLM shows what changed. */
export async function bodiesAsRecorded(server: Asked): Promise<string> {
  const recorded = recordSchema.parse(
    JSON.parse(await readFile('test/fixtures/model-server-bodies.json', 'utf8')),
  );
  const changed: string[] = [];
  let asked = 0;
  for (const { server: from, request, status, body } of recorded) {
    const wanted = recordedRequests[request];
    if (!from.startsWith('vllm') || wanted === undefined) continue;
    asked += 1;
    const answer = await ask(server, wanted);
    const expected = body.replaceAll('allenai/qwen35-9b-swesmith', 'calibration:candle');
    if (answer.status !== status || answer.body !== expected)
      changed.push(`${request}\n  was ${status} ${expected}\n  is  ${answer.status} ${answer.body}`);
  }
  if (changed.length > 0 || asked === 0) throw new Error(`${asked} asked\n${changed.join('\n')}`);
  return `${asked} answers`;
}

async function ask({ root }: Asked, { path, method, body }: RecordedRequest) {
  const response = await fetch(`${root}${path}`, {
    method: method ?? 'POST',
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: await response.text() };
}
