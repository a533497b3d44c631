import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TbenchError } from '../../base/errors.js';
import type { SecondOpinion } from '../../record/evidence/evidence.js';
import type { Finding } from '../../record/finding.js';
import { runTests, type TestSetting } from '../tests/run-tests.js';
import { carryMounts, placesNotCarried } from './beside-snapshot.js';
import { openFreshEnvironment } from './fresh-environment.js';
import type { VerifierOptions, VerifyRequest } from '../verifier.js';

/**
 * Why no second opinion is asked for, or null when it is. `auto` asks only about passes, and not where something
 * listens: a service the agent left is not in the snapshot and its tests would fail for that.
 */
export function isolationSkipReason(
  mode: VerifierOptions['isolated'],
  seen: { readonly reward: number | null; readonly sockets: readonly string[] },
): string | null {
  if (mode === 'off') return 'switched off';
  if (mode === 'on') return null;
  if (seen.reward === null || seen.reward < 1) return 'only passes are asked about';
  return seen.sockets.length > 0
    ? `services are needed: ${seen.sockets.slice(0, 3).join(', ')} listened`
    : null;
}

const maxSnapshotBytes = 8 * 2 ** 30;

/**
 * Runs the tests once more in a fresh environment with the same files. Asked for after the official run, so that only
 * passes pay for a snapshot; `/tests` and the verifier's log folder are made anew as always.
 */
export async function askSecondOpinion(
  { environment, engine, signal }: VerifyRequest,
  setting: TestSetting,
  official: { readonly reward: number | null },
): Promise<SecondOpinion> {
  const { diskBytes } = await environment.main.vitals(signal);
  if ((diskBytes ?? 0) > maxSnapshotBytes)
    return {
      outcome: 'skipped',
      reward: null,
      reason: `the sandbox wrote ${diskBytes ?? 0} bytes: too much to copy`,
    };
  try {
    await using fresh = await openFreshEnvironment(engine, environment, signal);
    await carryMounts(environment.main, fresh.main, signal);
    const reward = await rewardOf({ ...setting, sandbox: fresh.main });
    const reason = `a fresh container with the same files gives ${reward ?? 'no reward'}`;
    if (reward === official.reward && reward !== null) return { outcome: 'agrees', reward, reason };
    const missing = await placesNotCarried(environment.main, fresh.main, signal);
    if (reward !== null && missing.length === 0) return { outcome: 'disagrees', reward, reason };
    const why = missing.length === 0 ? '' : `, and what lies in ${missing.join(', ')} cannot be copied whole`;
    return { outcome: 'inconclusive', reward, reason: `${reason}${why}` };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TbenchError)) throw error;
    return { outcome: 'inconclusive', reward: null, reason: `could not be asked: ${error.message}` };
  }
}

/** The reward that one more run of the tests gives; what they leave is not kept. */
async function rewardOf(setting: TestSetting): Promise<number | null> {
  const outDir = await mkdtemp(join(tmpdir(), 'tbench-isolated-'));
  try {
    return (await runTests(setting, outDir)).evidence.reward.value;
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** A pass that only holds while the agent's processes live, though nothing listens, is worth a look. */
export function isolationFindings(
  opinion: SecondOpinion,
  seen: { readonly reward: number | null; readonly sockets: readonly string[] },
): Finding[] {
  if (opinion.outcome === 'inconclusive')
    return [{ code: 'isolated-inconclusive', severity: 'note', detail: opinion.reason }];
  if (opinion.outcome !== 'disagrees') return [];
  const needsServices = seen.sockets.length > 0;
  const lost = (seen.reward ?? 0) > (opinion.reward ?? 0);
  return [
    {
      code: 'isolated-disagrees',
      severity: lost && !needsServices ? 'warn' : 'note',
      detail: opinion.reason,
    },
  ];
}
