import { z } from 'zod';
import { parseJson } from '../../base/json-value.js';
import { readText } from '../trial/read-text.js';

import { noNumbers, type Turn, type Turns } from './turn.js';

const mostEpisodes = 2_000;
const mostBytes = 1024 * 1024;

/** What Terminus answers, first and second edition; either may stand within other text. */
const answerSchema = z.object({
  state_analysis: z.string().nullish(),
  analysis: z.string().nullish(),
  explanation: z.string().nullish(),
  plan: z.string().nullish(),
  commands: z.array(z.object({ keystrokes: z.string() })),
});

/**
 * The conversation of a Terminus agent, which keeps a folder `episode-N` a turn with what it was told and what it answered.
 * `folder` is relative to `root`. Null where there is none.
 */
export async function openEpisodes(root: string, folder: string): Promise<Turns | null> {
  const read = (episode: number, name: string) =>
    readText(root, `${folder}/episode-${episode}/${name}.txt`, { maxBytes: mostBytes, from: 'start' });
  const size = async (episode: number): Promise<number | null> =>
    (await readText(root, `${folder}/episode-${episode}/response.txt`, { maxBytes: 0, from: 'start' }))
      ?.sizeBytes ?? null;
  const sizes: number[] = [];
  for (
    let bytes = await size(0);
    bytes !== null && sizes.length < mostEpisodes;
    bytes = await size(sizes.length)
  )
    sizes.push(bytes);
  if (sizes.length === 0) return null;
  const told = await read(0, 'prompt');
  return {
    file: folder,
    opening: told === null ? [] : [{ role: 'user', text: told.text }],
    sizes,
    unseenBytes: 0,
    limits: { totalTokens: null, maxTurns: null },
    failure: null,
    read: async (first, count) => {
      const some: Turn[] = [];
      for (let episode = first; episode < Math.min(first + count, sizes.length); episode += 1) {
        const answer = (await read(episode, 'response'))?.text ?? '';
        // What an episode's commands printed is what the next one was told.
        const output = (await read(episode + 1, 'prompt'))?.text ?? null;
        some.push(episodeTurn(episode + 1, answer, output));
      }
      return some;
    },
  };
}

function episodeTurn(number: number, answer: string, output: string | null): Turn {
  const json = answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
  const { data } = answerSchema.safeParse(parseJson(json));
  const said = [data?.state_analysis, data?.analysis, data?.explanation, data?.plan];
  return {
    number,
    at: null,
    thought: null,
    text: data === undefined ? answer : said.filter((text) => text != null && text !== '').join('\n\n'),
    calls: (data?.commands ?? []).map(({ keystrokes }) => ({ name: 'keys', command: keystrokes.trimEnd() })),
    outputs:
      output === null
        ? []
        : [
            {
              ...{ text: output, exitCode: null, durationMs: null, timedOut: false, outOfMemory: false },
              ...{ notice: null, totalBytes: null },
            },
          ],
    said: [],
    formatError: null,
    truncated: false,
    recovered: false,
    open: false,
    numbers: noNumbers,
    leftOut: null,
  };
}
