import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectCode, expectText, type Bench } from './bench.js';
import { startVllm, type Start } from './server.js';

export interface Check {
  readonly what: string;
  readonly check: (bench: Bench, start: Omit<Start, 'port'>) => Promise<string>;
}

/** A harness that takes commands from text. */
async function textHarness(bench: Bench): Promise<string> {
  const file = join(bench.results, 'text.yaml');
  const tmax = await readFile('harness/tmax.yaml', 'utf8');
  await writeFile(file, tmax.replace(/^actions:\n/m, 'actions:\n  text_pattern: "<run>(.+)</run>"\n'));
  return file;
}

/** Servers that a run would come to grief with, and what `doctor` says of them. */
export const unfit: readonly Check[] = [
  {
    what: 'doctor: fine, an unknown model, and a text harness against a tool parser',
    check: async (bench, start) => {
      await using server = await startVllm({ ...start, port: 18_191 });
      expectCode(await bench.doctor(server), 0);
      const unknown = await bench.doctor(server, {}, '--model', 'nope');
      expectCode(unknown, 3);
      const text = await bench.doctor(server, {}, '--harness', await textHarness(bench));
      expectCode(text, 3);
      return [
        expectText(unknown.stdout, /nope is not served.*/),
        expectText(text.stdout, /.*tokens that the model wrote are missing.*/),
      ].join('\n    ');
    },
  },
  {
    what: 'doctor: no key, a wrong key, a short context, no tool parser; a text harness is fine there',
    check: async (bench, start) => {
      await using server = await startVllm({
        ...start,
        port: 18_192,
        options: ['--max-model-len', '8192', '--no-enable-auto-tool-choice'],
        env: { VLLM_API_KEY: 'right' },
      });
      const none = await bench.doctor(server);
      const wrong = await bench.doctor(server, { OPENAI_API_KEY: 'wrong' });
      const right = await bench.doctor(server, { OPENAI_API_KEY: 'right' });
      for (const result of [none, wrong, right]) expectCode(result, 3);
      const text = await bench.doctor(
        server,
        { OPENAI_API_KEY: 'right' },
        '--harness',
        await textHarness(bench),
      );
      return [
        expectText(none.stdout, /.*401.*/),
        expectText(wrong.stdout, /.*401.*/),
        expectText(right.stdout, /.*max_model_len 8192.*/),
        expectText(right.stdout, /.*--enable-auto-tool-choice.*/),
        expectText(text.stdout, /.*no words of the model are missing.*/),
      ].join('\n    ');
    },
  },
];
