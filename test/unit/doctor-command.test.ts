import { expect, it } from 'vitest';
import { doctorCommand } from '../../src/cli/doctor.js';
import { outputOf } from '../doubles/command-output.js';
import { openFakeEngine, type EngineAnswers } from '../doubles/fake-engine.js';

interface Row {
  readonly state: string;
  readonly detail: string;
  readonly mend: string | null;
}

/** The rows of `tbench doctor` on an engine that answers so, by their names. */
async function rows(answers: EngineAnswers): Promise<Record<string, Row>> {
  await using engine = await openFakeEngine(answers);
  const { stdout } = await outputOf(doctorCommand(), '--engine', engine.socket, '--json');
  const { checks } = JSON.parse(stdout) as { checks: (Row & { name: string })[] };
  return Object.fromEntries(checks.map(({ name, ...row }) => [name, row]));
}

const unreachable =
  'initializing source docker://debian:bookworm-slim: pinging container registry registry-1.docker.io: dial tcp: lookup registry-1.docker.io: no such host';

it('says that no registry gave the image, on a machine that has none yet', { timeout: 120_000 }, async () => {
  const { images } = await rows((request) =>
    request === 'POST /images/create' ? { status: 500, body: { message: unreachable } } : null,
  );
  expect(images).toMatchObject({ state: 'fail', detail: expect.stringContaining('no such host') as string });
  expect(images?.detail).not.toContain('--pull never');
  expect(images?.mend).toContain('Load docker.io/library/debian:bookworm-slim by hand');
});

/** What rootless podman 4.3 says where /dev/net/tun is closed; only a container with a network needs it. */
const closed =
  'slirp4netns failed: "open(\\"/dev/net/tun\\"): Operation not permitted\\nchild failed(1)\\nWARNING: Support for seccomp is experimental\\n"';

it(
  'fails where a sandbox with a network cannot start, though one without can',
  { timeout: 120_000 },
  async () => {
    const { images, network } = await rows((request, sent) => {
      if (/^GET \/images\/.*\/json$/.test(request))
        return { status: 200, body: { Id: 'sha256:1234', RepoDigests: [], Config: {} } };
      if (request === 'POST /containers/create')
        return {
          status: 201,
          body: { Id: sent.includes('"NetworkMode":"none"') ? 'alone' : 'connected', Warnings: [] },
        };
      return request === 'POST /containers/connected/start'
        ? { status: 500, body: { message: closed } }
        : null;
    });
    expect(images?.state).toBe('ok');
    expect(network).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('/dev/net/tun') as string,
    });
  },
);
