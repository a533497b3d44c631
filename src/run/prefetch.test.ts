import { expect, test } from 'vitest';
import { CountingEngine, openJobBench } from '../../test/doubles/trial-tools.js';
import { ImageError } from '../base/errors.js';
import { runSpecSchema } from '../record/run-spec.js';
import { prefetch, type Prefetch } from './prefetch.js';

const forever = new AbortController().signal;

/** An engine that cannot have one of its images, the third that it is asked for. */
class PoorEngine extends CountingEngine {
  asked = 0;
  override ensureImage(): Promise<{ reference: string; id: string; digest: null }> {
    this.asked += 1;
    if (this.asked === 3) return Promise.reject(new ImageError('no such image', { isFinal: true }));
    return Promise.resolve({ reference: `image-${this.asked}`, id: `sha256:${this.asked}`, digest: null });
  }
}

function request(parts: Pick<Prefetch, 'datasets' | 'engine'>): Prefetch & { readonly lines: string[] } {
  const { trial } = runSpecSchema.parse({ agent: { kind: 'nop' } });
  const lines: string[] = [];
  return {
    ...parts,
    lines,
    concurrency: 2,
    settings: { ...trial, hostEnv: {} },
    onTask: ({ task, error }, { done, total }) =>
      lines.push(`${done}/${total} ${task} ${error ?? 'is here'}`),
    onLine: () => undefined,
  };
}

test('every task of the datasets is told as it is done; one without an image does not keep the others', async () => {
  await using bench = await openJobBench(4);
  const asked = request({ datasets: [bench.dataset], engine: new PoorEngine() });
  const fetched = await prefetch(asked, forever);
  expect(fetched.filter(({ error }) => error === null)).toHaveLength(3);
  expect(fetched.find(({ error }) => error !== null)?.error).toContain('no such image');
  expect(asked.lines).toHaveLength(4);
  expect(asked.lines.at(-1)).toMatch(/^4\/4 /);
  expect(fetched[0]?.images).toEqual([{ reference: 'image-1', bytes: 1_000_000_000 }]);
});

test('an interrupted prefetch begins no further task', async () => {
  await using bench = await openJobBench(4);
  const engine = new PoorEngine();
  await expect(prefetch(request({ datasets: [bench.dataset], engine }), AbortSignal.abort())).rejects.toThrow(
    'the prefetch was interrupted',
  );
  expect(engine.asked).toBe(0);
});
