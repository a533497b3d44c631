import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseImage } from './engine.js';
import { podman, startUnguarded } from './podman.js';
import { useSolvedSet } from './solved-set.js';

/** What stands for the internet: a container of podman's own that greets whoever connects. */
let elsewhere: string;
let address: string;

beforeAll(async () => {
  elsewhere = await startUnguarded('bridge');
  address = (await podman('inspect', '-f', '{{.NetworkSettings.IPAddress}}', elsewhere)).trim();
  const server = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 9, LocalPort => 7000, ReuseAddr => 1); while ($c = $s->accept) { print $c "welcome\\n"; close $c }' >/dev/null 2>&1 & sleep 0.5`;
  await podman('exec', elsewhere, 'bash', '-c', server);
}, 60_000);
afterAll(async () => {
  await podman('rm', '-f', '-t', '0', elsewhere);
});

/** Says what a host answered, or `closed`. */
const ask = (host: string): string =>
  `$(timeout 8 bash -c "exec 3<>/dev/tcp/${host}/7000 && head -1 <&3" 2>/dev/null | grep . || echo closed)`;
const from = `FROM ${baseImage}\nWORKDIR /app\n`;
const passIf = (condition: string): string =>
  `#!/bin/bash\nif ${condition}; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n`;
const limits = '[environment]\nmemory_mb = 256\n';

/** The agent is shut in; the tests, in an environment of their own, reach one address. */
const apart = (): Record<string, string> => ({
  'task.toml': `artifacts = ["/app/said"]\n[agent]\ntimeout_sec = 60\nnetwork_mode = "no-network"\n[verifier]\ntimeout_sec = 60\nenvironment_mode = "separate"\n[verifier.environment]\nmemory_mb = 256\nnetwork_mode = "allowlist"\nallowed_hosts = ["${address}"]\n${limits}network_mode = "public"\n`,
  'instruction.md': 'Do it.\n',
  'environment/Dockerfile': from,
  'solution/solve.sh': `echo "${ask(address)}" > /app/said\n`,
  'tests/Dockerfile': `${from}COPY test.sh /tests/test.sh\n`,
  'tests/test.sh': passIf(
    `[ "$(cat /app/said)" = closed ] && [ "${ask(address)}" = welcome ] && [ "${ask('192.0.2.1')}" = closed ]`,
  ),
});

/** Every step has a policy of its own, and so have its tests; what prepares a step has the environment's. */
const stepwise = (): Record<string, string> => ({
  'task.toml': `[agent]\ntimeout_sec = 60\n[verifier]\ntimeout_sec = 60\nnetwork_mode = "no-network"\n${limits}[[steps]]\nname = "open"\n[steps.agent]\nnetwork_mode = "allowlist"\nallowed_hosts = ["${address}/32"]\n[[steps]]\nname = "shut"\n[steps.agent]\nnetwork_mode = "no-network"\n[steps.verifier]\nnetwork_mode = "allowlist"\nallowed_hosts = ["${address}"]\n`,
  'environment/Dockerfile': from,
  'steps/open/instruction.md': '1\n',
  'steps/open/solution/solve.sh': `echo "${ask(address)}" > /app/open\n`,
  'steps/open/tests/test.sh': passIf(`[ "$(cat /app/open)" = welcome ] && [ "${ask(address)}" = closed ]`),
  'steps/shut/instruction.md': '2\n',
  'steps/shut/workdir/setup.sh': `echo "${ask(address)}" > /app/setup\n`,
  'steps/shut/solution/solve.sh': `echo "${ask(address)}" > /app/shut\n`,
  'steps/shut/tests/test.sh': passIf(
    `[ "$(cat /app/setup)" = welcome ] && [ "$(cat /app/shut)" = closed ] && [ "${ask(address)}" = welcome ]`,
  ),
});

describe('network policies in whole trials', { timeout: 300_000 }, () => {
  const solved = useSolvedSet(() => ({ apart: apart(), stepwise: stepwise() }));
  const clean = { exception_info: null, verifier_result: { rewards: { reward: 1 } } };

  it('hold for an agent, and of its own for a separate verifier; each records what it refused', async () => {
    expect(await solved.read('apart')).toMatchObject({ ...clean, integrity: { verdict: 'clean' } });
    expect(JSON.parse(await solved.text('apart', 'network.json'))).toMatchObject({
      refused: [{ phase: 'agent', host: address, port: 7000 }],
    });
    expect(JSON.parse(await solved.text('apart', 'verifier/network.json'))).toMatchObject({
      phases: [{ mode: 'allowlist' }, { phase: 'verifier' }, { phase: 'environment' }],
      refused: [{ host: '192.0.2.1', port: 7000 }],
    });
  });

  it('change from step to step, and each is written down', async () => {
    expect(await solved.read('stepwise')).toMatchObject(clean);
    expect(JSON.parse(await solved.text('stepwise', 'network.json'))).toMatchObject({
      refused: [{ phase: 'verifier of open' }, { phase: 'agent of shut', host: address }],
    });
  });
});
