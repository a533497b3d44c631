import { describe, expect, test } from 'vitest';
import type { EngineClient } from '../connection/engine-client.js';
import { engineStreams } from './engine-streams.js';
import type { HostView } from './limits/host-view.js';

/** The streams of a container that the engine describes so, and whose cgroup counts so many OOM kills; null: it is gone. */
function streamsOf(state: object, oomKills: number | null) {
  const client = {
    json: (_call: unknown, schema: { parse(value: unknown): unknown }) =>
      Promise.resolve(schema.parse({ State: state })),
  } as unknown as EngineClient;
  const host = { oomKills: () => Promise.resolve(oomKills) } as HostView;
  return engineStreams(client, { id: 'a'.repeat(64), label: 'main', token: 't', host });
}

const ended = { Running: false, ExitCode: 137, Pid: 0, Status: 'exited' };

describe('a container that is not running any more', () => {
  test.each([
    ['the engine says so and its cgroup is gone', true, null, /memory limit was hit$/],
    ['the engine says so and its cgroup counts none', true, 0, /memory limit was hit$/],
    [
      'its cgroup counts them and the engine says nothing',
      false,
      2,
      /memory limit was hit \(OOM kills: 2\)$/,
    ],
    ['both say so', true, 1, /memory limit was hit \(OOM kills: 1\)$/],
  ])('was ended by its memory limit: %s', async (_, OOMKilled, oomKills, words) => {
    await expect(streamsOf({ ...ended, OOMKilled }, oomKills).assertAlive()).rejects.toThrow(words);
  });

  test.each([{ OOMKilled: false }, { OOMKilled: null }, {}])(
    'has no such cause without a sign of it: %j',
    async (more) => {
      const gone = streamsOf({ ...ended, ...more }, null).assertAlive();
      await expect(gone).rejects.toThrow(/is not running any more: exited$/);
    },
  );
});

test('one that runs is alive, whatever was killed in it', async () => {
  const streams = streamsOf({ Running: true, Pid: 1, Status: 'running', OOMKilled: true }, 3);
  await expect(streams.assertAlive()).resolves.toBeUndefined();
});
