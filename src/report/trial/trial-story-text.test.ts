import { describe, expect, it } from 'vitest';
import { readStoredEvidence } from '../../record/evidence/evidence.js';
import type { TrialStory } from '../../review/story/trial-story.js';
import { renderFolderAudit } from './folder-audit-text.js';
import { renderStory } from './trial-story-text.js';

const story: TrialStory = {
  name: 'fix-git__1',
  task: 'fix-git',
  dir: 'results/job/fix-git__1',
  ending: 'submitted',
  reward: 1,
  errorType: null,
  errorMessage: null,
  serverShare: 0.42,
  source: {
    kind: 'own',
    status: 'completed',
    verdict: 'tampered',
    rawReward: 1,
    effectiveReward: 0,
    evidence: readStoredEvidence({
      reward: { file: 'reward.txt', text: '1', value: 1 },
      trace: { applicable: true, commands: 4, reward: 0 },
      report: { applicable: false, counts: null },
      exit_code: 0,
      tests_ms: 1500,
    }),
    findings: [
      { code: 'reward-contradicts-trace', severity: 'fail', detail: 'the script wrote 0, the file says 1' },
    ],
  },
  steps: [],
  earlierTries: [],
  resumed: [],
  refused: [
    {
      phase: 'agent',
      service: 'main',
      host: 'paste.example\u001b[2J',
      port: 443,
      protocol: 'tcp',
      count: 3,
      first_at: '2026-01-01T00:00:00.000Z',
      last_at: '2026-01-01T00:00:01.000Z',
    },
  ],
  outputTail: ['\u001b]0;owned\u0007 1 failed', '\u202egpj.exe'],
};

describe('renderStory', () => {
  it('tells what was said, what was found and what is scored', () => {
    const text = renderStory(story);
    expect(text).toContain('for 42 % of its time the model server kept it waiting');
    expect(text).toContain('reward file: 1 (reward.txt)');
    expect(text).toContain('trace: wrote 0 (4 commands seen)');
    expect(text).toMatch(/network +refused to agent: paste\.example.* port 443, 3 times/);
    expect(text).toContain('report: not expected of this task');
    expect(text).toContain('reward-contradicts-trace: the script wrote 0, the file says 1');
    expect(text).toMatch(/verdict {4}tampered \(completed\)[\s\S]*score {6}0 \(the reward file: 1\)/);
  });

  it('T34 contained: lets nothing of the output reach the terminal as a command', () => {
    expect(renderStory(story)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('renderFolderAudit', () => {
  const audit = { report: null, reason: 'r' };
  const uvx = {
    cause: 'tool-missing' as const,
    line: 'uvx: command not found',
    evidence: 'uvx: command not found',
  };
  it('counts zeros without a report and those without uvx', () => {
    const text = renderFolderAudit({
      name: 'job',
      dir: '/results/model/job',
      keepsReports: true,
      failedTests: [{ task: 'a', test: 'test_x\u001b[2J', failed: 2, ran: 3 }],
      trials: [
        {
          name: 'a',
          reward: 0,
          audit: { ...audit, status: 'bootstrap_failed', verdict: 'unverifiable', bootstrap: uvx },
        },
        {
          name: 'b',
          reward: 0,
          audit: { ...audit, status: 'not_run', verdict: 'unverifiable', bootstrap: null },
        },
      ],
    });
    expect(text).toContain('2 zeros have no test report; in 1 of them uvx was not found');
    expect(text).toContain('files: /results/model/job');
    expect(text).toMatch(/tests that failed most:\n {4}2 of 3 {2}a {2}test_x/);
    expect(text).not.toContain('\u001b');
  });
});

describe('what went wrong', () => {
  const told = (errorMessage: string): string[] =>
    renderStory({ ...story, errorType: 'TaskError', errorMessage }).split('\n');

  it('stands under the ending with the last lines of the command that failed', () => {
    const lines = told(
      'building t failed: exit status 3\n  STEP 2: RUN make\n  cc: no such file\n  make: Error 3',
    );
    const at = lines.findIndex((line) => line.includes('ended: submitted, TaskError'));
    expect(lines.slice(at + 1, at + 5).map((line) => line.trim())).toEqual([
      'building t failed: exit status 3',
      'STEP 2: RUN make',
      'cc: no such file',
      'make: Error 3',
    ]);
  });

  it('is shortened in the middle, and made safe for a terminal', () => {
    const output = Array.from({ length: 500 }, (_, index) => `line ${index}`).join('\n');
    const lines = told(`it failed\n\n${output}\nthe \u001b[31mlast`).map((line) => line.trim());
    expect(lines).toEqual(expect.arrayContaining(['it failed', '…', 'line 499']));
    expect(lines).not.toContain('line 400');
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(lines.length).toBeLessThan(60);
  });
});

describe('a trial that was made more than once', () => {
  it('says what came of the tries before, and when a dead process was followed', () => {
    const text = renderStory({
      ...story,
      resumed: [{ at: '2026-01-01T00:00:00.000Z', turn: 4, in: 'command', dead_ms: 12_000 }],
      earlierTries: [
        { number: 1, ending: 'agent-timeout', reward: 0, detail: null, wasDone: true },
        { number: 2, ending: null, reward: null, detail: 'SandboxError: gone\u001b[2J', wasDone: false },
      ],
    });
    expect(text).toMatch(/resumed +2026-01-01T00:00:00.000Z at turn 4, in a command, after 12/);
    expect(text).toContain('try 1 of before: reward 0, ended: agent-timeout (tries/1)');
    expect(text).toMatch(/try 2 of before: never done; SandboxError: gone.*\(tries\/2\)/);
    expect(text).not.toContain('\u001b[2J');
  });
});
