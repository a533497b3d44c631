import { z } from 'zod';
import type { ServiceHealthcheck, WholeHealthcheck } from '../../record/service-spec.js';
import type { EngineClient } from '../connection/engine-client.js';
import { inspectImage } from '../connection/inspect-image.js';

const nanoseconds = z
  .number()
  .nullish()
  .transform((ns) => (ns == null || ns <= 0 ? null : ns / 1e6));
const imageAnswer = z.object({
  Config: z
    .object({
      Healthcheck: z
        .object({
          Test: z.array(z.string()).nullish(),
          Interval: nanoseconds,
          Timeout: nanoseconds,
          StartPeriod: nanoseconds,
          Retries: z.number().nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

/** A service's test of health with what the compose file leaves out from its image, and else Docker's numbers. Null without a test. */
export async function wholeHealthcheck(
  client: EngineClient,
  written: ServiceHealthcheck | null,
  image: { readonly reference: string; readonly id: string },
): Promise<WholeHealthcheck | null> {
  if (written === null) return null;
  const name = image.id === '' ? image.reference : image.id;
  const answer = await inspectImage(client, name, imageAnswer, { shown: image.reference });
  const own = answer.Config?.Healthcheck;
  const argv = written.argv ?? argvOf(own?.Test ?? []);
  if (argv === null) return null;
  return {
    argv,
    intervalMs: written.intervalMs ?? own?.Interval ?? 30_000,
    timeoutMs: written.timeoutMs ?? own?.Timeout ?? 30_000,
    startPeriodMs: written.startPeriodMs ?? own?.StartPeriod ?? 0,
    startIntervalMs: written.startIntervalMs ?? 5_000,
    retries: written.retries ?? (own?.Retries || 3),
  };
}

function argvOf([kind, ...words]: readonly string[]): readonly string[] | null {
  if (words.length === 0 || kind === 'NONE') return null;
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words.join(' ')] : words;
}
