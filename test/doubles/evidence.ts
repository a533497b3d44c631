import type { Evidence } from '../../src/record/evidence/evidence.js';

/** The evidence of a test script that wrote `reward` and left nothing else. */
export function plainEvidence(reward: number | null): Evidence {
  return {
    reward: { file: 'reward.txt', text: String(reward), value: reward },
    trace: { applicable: false, commands: 0, reward: null },
    report: { applicable: false, counts: null },
    runner: {
      applicable: false,
      started: false,
      summary: null,
      passed: 0,
      failed: 0,
      errors: 0,
      rootdir_applicable: false,
      rootdir: null,
    },
    bootstrap: null,
    exit_code: 0,
    timed_out: false,
    tests: { files: 1, digest: '00', may_skip: false, verified: true, changed: [], added: 0 },
    output_bytes: 0,
    tests_ms: 1,
    negative_control: { outcome: 'skipped', reason: 'switched off' },
    isolated: { outcome: 'skipped', reward: null, reason: 'switched off' },
    scene: {
      changed_paths: 0,
      changed_sample: [],
      watched: [],
      processes: [],
      sockets: [],
      killed: [],
      workdir_recreated: false,
      package_manager: null,
    },
    tries: 1,
    checks_ms: 1,
  };
}
