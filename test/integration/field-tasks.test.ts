import { describe, expect, it } from 'vitest';
import { baseImage } from './engine.js';
import { useSolvedSet } from './solved-set.js';

const limits = '[environment]\nmemory_mb = 256\n[agent]\ntimeout_sec = 60\n';
const from = `FROM ${baseImage}\n`;
const passIf = (condition: string): string =>
  `#!/bin/bash\nif ${condition}; then echo 1; else echo 0; fi > /logs/verifier/reward.txt\n`;

/** Services whose dump a hook makes, tests in an environment of several services, and every way in which files come in. */
const combined = {
  'task.toml': `artifacts = ["/app/out", { source = "/tmp/dump", service = "db" }]\n${limits}[verifier]\ntimeout_sec = 60\nenvironment_mode = "separate"\nuser = "grader"\n[[verifier.collect]]\nservice = "db"\ncommand = "cp /exchange/word /tmp/dump"\n`,
  'instruction.md': 'Do it.\n',
  'environment/Dockerfile': `${from}WORKDIR /app\n`,
  'environment/docker-compose.yaml': `
services:
  main:
    volumes: ["./exchange:/exchange"]
    environment: { PROJECT: "\${COMPOSE_PROJECT_NAME}" }
    depends_on: { db: { condition: service_healthy }, twin: { condition: service_started } }
  db:
    build: { context: ., dockerfile: db.Dockerfile }
    image: field-test-db
    volumes: ["./exchange:/exchange:ro"]
    secrets: [{ source: token, mode: 0400, uid: "1" }]
    healthcheck: { interval: 1s }
  twin: { image: "field-test-db:latest", tty: true, command: bash, networks: { default: { aliases: [main, verifier] } } }
secrets: { token: { file: ./token } }
`,
  'environment/db.Dockerfile': `${from}HEALTHCHECK CMD [ "$(stat -c %u-%a /run/secrets/token)" = 1-400 ]\nCMD ["sleep", "infinity"]\n`,
  'environment/exchange/first': '',
  'environment/token': 'secret\n',
  'solution/solve.sh':
    'echo word > /exchange/word; mkdir out; echo $PROJECT > out/project; cp /exchange/first out/; getent hosts twin > out/twin\n',
  'tests/Dockerfile': `${from}RUN useradd grader\nCOPY test.sh /tests/test.sh\n`,
  'tests/docker-compose.yaml': `services: { oracle: { image: "${baseImage}", command: sleep infinity } }\n`,
  'tests/test.sh': passIf(
    '[ "$(cat /tmp/dump)" = word ] && [ "$(cat /app/out/project)" = combined__1__env ] && [ -e /app/out/first ] && [ -s /app/out/twin ] && getent hosts oracle >/dev/null && ! getent hosts db && [ "$(id -un)" = grader ]',
  ),
};

/** Every step has its tests elsewhere: in the agent's environment, in an image of its own, in the agent's image made anew. */
const stepwise = {
  'task.toml': `multi_step_reward_strategy = "mean"\nartifacts = ["/app/log"]\n${limits}[verifier]\ntimeout_sec = 60\n[[steps]]\nname = "shared"\n[[steps]]\nname = "own"\n[steps.verifier]\nenvironment_mode = "separate"\n[[steps]]\nname = "again"\n[steps.verifier]\nenvironment_mode = "separate"\n[[steps.artifacts]]\nsource = "/app/extra"\n`,
  'environment/Dockerfile': `${from}WORKDIR /app\n`,
  'tests/test.sh': passIf('[ "$(cat /app/log)" = "$(cat /tests/wanted)" ]'),
  'steps/shared/instruction.md': '1\n',
  'steps/shared/solution/solve.sh': 'echo 1 >> /app/log\n',
  'steps/shared/tests/wanted': '1\n',
  'steps/own/instruction.md': '2\n',
  'steps/own/workdir/setup.sh': 'echo setup >> /app/log; [ ! -e /tests/wanted ]\n',
  'steps/own/solution/solve.sh': 'echo 2 >> /app/log; mkdir -p /tests; echo kept > /tests/kept\n',
  'steps/own/tests/Dockerfile': `${from}COPY . /tests\n`,
  'steps/own/tests/test.sh': passIf(
    '[ "$(tr "\\n" " " < /app/log)" = "1 setup 2 " ] && [ ! -e /tests/kept ]',
  ),
  'steps/again/instruction.md': '3\n',
  'steps/again/workdir/setup.sh': '[ -e /tests/kept ]\n',
  'steps/again/solution/solve.sh': 'rm /app/log; echo 3 > /app/log; echo x > /app/extra\n',
  'steps/again/tests/wanted': '3\n',
};

/** A prebuilt image that nothing is built on gets the environment's files, for the agent and for tests in a copy of it. */
const prebuilt = {
  'task.toml': `artifacts = ["/srv/out"]\n[environment]\ndocker_image = "${baseImage}"\nworkdir = "/srv"\nmemory_mb = 256\n[environment.env]\nWHO = "me"\n[agent]\ntimeout_sec = 60\n[verifier]\ntimeout_sec = 60\nenvironment_mode = "separate"\n[verifier.env]\nOWN = "1"\n`,
  'instruction.md': 'Do it.\n',
  'environment/data/given': 'given\n',
  'solution/solve.sh': 'cp data/given out\n',
  'tests/test.sh': passIf('cmp data/given out && [ "$WHO$OWN" = me1 ] && [ ! -e /solution ]'),
};

const tasks = { combined, stepwise, prebuilt };

describe('tasks that combine what the field combines', { timeout: 300_000 }, () => {
  const solved = useSolvedSet(tasks);
  it.each(Object.keys(tasks))('%s: the solution has its reward, and nothing is found', async (task) => {
    expect(await solved.read(task)).toMatchObject({
      exception_info: null,
      verifier_result: { rewards: { reward: 1 } },
      integrity: { verdict: 'clean' },
      tbench: { warnings: [] },
    });
  });
});
