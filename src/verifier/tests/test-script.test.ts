import { describe, expect, it } from 'vitest';
import { parseTestScript } from './test-script.js';

const usual = `#!/bin/bash
# installs curl
apt-get update
apt-get install -y curl
curl -LsSf https://astral.sh/uv/0.9.5/install.sh | sh
source $HOME/.local/bin/env
if [ "$PWD" = "/" ]; then
    echo "Error: No working directory set."
    exit 1
fi
uvx \\
  -p 3.13 \\
  -w pytest==8.4.1 \\
  -w pytest-json-ctrf==0.3.5 \\
  pytest --ctrf /logs/verifier/ctrf.json /tests/test_outputs.py -rA
if [ $? -eq 0 ]; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
`;

describe('parseTestScript', () => {
  it('expects every kind of evidence of a usual Terminal-Bench script', () => {
    const script = parseTestScript(usual);
    expect(script).toMatchObject({
      tracesReward: true,
      report: 'ctrf.json',
      printsSummary: true,
      printsRootdir: true,
      hosts: ['astral.sh'],
      outsideTargets: [],
    });
    expect(script.tools).toEqual(['apt-get', 'bash', 'curl', 'pytest', 'python', 'python3', 'sh', 'uvx']);
  });

  it('expects nothing of a script that prints no report and writes its reward from Python', () => {
    const script = parseTestScript(
      "set -e\npython3 - <<'E'\nopen('/logs/verifier/reward.txt','w').write('1')\nE\n",
    );
    expect(script).toMatchObject({
      tracesReward: false,
      report: null,
      printsSummary: false,
      printsRootdir: false,
    });
  });

  it('follows a reward path kept in a variable', () => {
    const script = parseTestScript(
      'OUT=/logs/verifier/reward.txt\ntrap \'echo 0 > "$OUT"\' EXIT\necho "$score" > $OUT\n',
    );
    expect(script.tracesReward).toBe(true);
  });

  it('finds the report that a helper beside the script writes', () => {
    const beside = [{ path: 'runner.py', text: 'REPORT = "/logs/verifier/ctrf.json"' }];
    expect(parseTestScript('python3 /tests/runner.py /tests/test_a.py\n', beside).report).toBe('ctrf.json');
    expect(parseTestScript('python3 /tests/other.py\n', beside).report).toBeNull();
  });

  it('finds the report named by a variable, and the folder given whole', () => {
    const script = parseTestScript(
      'R="/logs/verifier/ctrf.json"\nuvx pytest --ctrf "$R" /tests -rA || status=$?\n',
    );
    expect(script).toMatchObject({ report: 'ctrf.json', collected: ['*'], printsRootdir: true });
  });

  it('does not count on a trace where a test file writes the reward itself', () => {
    const beside = [{ path: 'test_outputs.py', text: 'Path("/logs/verifier/reward.txt").write_text("1")' }];
    const text = 'pytest /tests/test_outputs.py\necho 0 > /logs/verifier/reward.txt\n';
    expect(parseTestScript(text, beside).tracesReward).toBe(false);
    expect(parseTestScript(text).tracesReward).toBe(true);
  });

  it('knows which files pytest is given whole', () => {
    expect(parseTestScript('pytest /tests/test_a.py\n').collected).toEqual(['test_a.py']);
    expect(parseTestScript('python3 -m pytest /tests/test_a.py -rA\n').collected).toEqual(['test_a.py']);
    expect(parseTestScript('pytest /tests/test_a.py::test_one\n').collected).toEqual([]);
    expect(parseTestScript('python3 /tests/test_a.py\n')).toMatchObject({
      targets: ['test_a.py'],
      collected: [],
    });
  });

  it.each([
    ['another number is echoed', 'echo 1 > /logs/verifier/reward.txt\necho "$passed"\n'],
    [
      'a count goes to another file',
      'echo 1 > /logs/verifier/reward.txt\necho $total > /logs/verifier/total.txt\n',
    ],
    ['the trace is switched off', 'set +x\necho 1 > /logs/verifier/reward.txt\n'],
    ['the number is formatted', `printf '%.4f' "$score" > /logs/verifier/reward.txt\n`],
    ['another shell writes', `bash -c 'echo 1 > /logs/verifier/reward.txt'\n`],
    [
      'a here-document holds the write',
      'cat > /run.sh <<EOF\necho 1 > /logs/verifier/reward.txt\nEOF\nbash /run.sh\n',
    ],
    ['JSON has several keys', `echo '{"reward": 1, "speed": 0.5}' > /logs/verifier/reward.json\n`],
    ['JSON comes from a variable', `echo "$scores" > /logs/verifier/reward.json\n`],
    ['an exit code is echoed', 'echo 1 > /logs/verifier/reward.txt\necho $?\n'],
    ['a result is echoed', 'echo 1 > /logs/verifier/reward.txt\necho "$(wc -l < /out)"\n'],
    ['the trace is switched off among others', 'set -e +ux\necho 1 > /logs/verifier/reward.txt\n'],
    ['the trace looks otherwise', "PS4='> '\necho 1 > /logs/verifier/reward.txt\n"],
    ["the trace's descriptor is taken", 'exec 10>/tmp/lock\necho 1 > /logs/verifier/reward.txt\n'],
    ['another program echoes', 'compute | xargs echo > /logs/verifier/reward.txt\n'],
    ['a pipe computes it', 'echo "3/4" | bc -l > /logs/verifier/reward.txt\n'],
  ])('does not count on a trace where %s', (_name, text) => {
    expect(parseTestScript(text).tracesReward).toBe(false);
  });

  it.each([
    `echo '{"reward": 1}' > /logs/verifier/reward.json`,
    'echo "{\\"reward\\": $score}" > /logs/verifier/reward.json',
    'if true; then /bin/echo 1 > /logs/verifier/reward.txt; else command echo 0 > /logs/verifier/reward.txt; fi',
  ])('counts on a trace of %s', (text) => {
    expect(parseTestScript(text).tracesReward).toBe(true);
  });

  it('counts on a trace beside ordinary messages', () => {
    const text =
      'echo "Running $n tests"\necho "== done =="\nif pytest; then echo 1.0 > /logs/verifier/reward.txt; else echo "0" > /logs/verifier/reward.txt; fi\n';
    expect(parseTestScript(text).tracesReward).toBe(true);
  });

  it('does not count on a trace where one write of several is not a shell echo', () => {
    const script = parseTestScript(
      'echo 0 > /logs/verifier/reward.txt\npython3 grade.py --out /logs/verifier/reward.txt\n',
    );
    expect(script.tracesReward).toBe(false);
  });

  it('does not expect a summary that the script keeps for itself', () => {
    expect(parseTestScript('pytest /tests/test_a.py > /logs/verifier/out.log 2>&1\n').printsSummary).toBe(
      false,
    );
    expect(parseTestScript('pytest -q /tests/test_a.py\n').printsSummary).toBe(false);
    expect(parseTestScript('pytest /tests/test_a.py 2>&1 | tee /logs/verifier/out.log\n').printsSummary).toBe(
      true,
    );
  });

  it('does not expect a summary kept in a variable or changed by settings beside the script', () => {
    expect(parseTestScript('OUT=$(pytest /tests/test_a.py)\n').printsSummary).toBe(false);
    expect(parseTestScript('pytest -vq /tests/test_a.py\n').printsSummary).toBe(false);
    const beside = [{ path: 'pytest.ini', text: '[pytest]\naddopts = -q\n' }];
    expect(parseTestScript('pytest /tests/test_a.py\n', beside)).toMatchObject({
      printsSummary: false,
      printsRootdir: false,
    });
  });

  it('knows no rootdir where the script pins it or tests lie elsewhere', () => {
    expect(parseTestScript('pytest --rootdir=/app /tests/test_a.py\n').printsRootdir).toBe(false);
    expect(parseTestScript('cd /app && pytest test_a.py\n').printsRootdir).toBe(false);
  });

  it('names test files that an agent could have written', () => {
    const script = parseTestScript(
      'if [ -f /opt/hidden/test_outputs.py ]; then\n  pytest /opt/hidden/test_outputs.py\nfi\n',
    );
    expect(script.outsideTargets).toEqual(['/opt/hidden/test_outputs.py']);
  });
});

it('says nothing of a script that is too long to be read, and reads thousands of names for a reward file', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `v${index}=reward.txt`).join('\n');
  expect(parseTestScript(`${names}\necho 1 > $v999`).tracesReward).toBe(true);
  expect(parseTestScript(`echo 1 > reward.txt\n${'#'.repeat(40_000)}`).tracesReward).toBe(false);
});
