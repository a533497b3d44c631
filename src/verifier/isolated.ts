import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TbenchError } from '../base/errors.js';
import type { SecondOpinion } from '../record/evidence/evidence.js';
import type { Finding } from '../record/finding.js';
import { attemptTests, type AttemptContext } from './attempt.js';
import type { VerifierOptions, VerifyRequest } from './verifier.js';

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
 * Freezes the sandbox's files, starts a fresh container from them and runs the tests there: no process of the
 * agent is alive in it. Taken after the official run, so that only passes pay for a snapshot; `/tests` and
 * `/logs/verifier` are made anew as always. The snapshot is removed in the end, whatever happens.
 */
export async function askSecondOpinion(
  request: VerifyRequest,
  context: AttemptContext,
  official: { readonly reward: number | null },
): Promise<SecondOpinion> {
  const { sandbox, engine, signal } = request;
  const { diskBytes } = await sandbox.vitals(signal);
  if ((diskBytes ?? 0) > maxSnapshotBytes)
    return {
      outcome: 'skipped',
      reward: null,
      reason: `the sandbox wrote ${diskBytes ?? 0} bytes: too much to copy`,
    };
  const reference = `localhost/tbench-snapshot:${randomUUID()}`;
  try {
    const id = await sandbox.snapshot(reference, signal);
    const reward = await verifyIn(request, context, { reference, id });
    const reason = `a fresh container with the same files gives ${reward ?? 'no reward'}`;
    if (reward === null) return { outcome: 'inconclusive', reward, reason };
    return { outcome: reward === official.reward ? 'agrees' : 'disagrees', reward, reason };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TbenchError)) throw error;
    return { outcome: 'inconclusive', reward: null, reason: `could not be asked: ${error.message}` };
  } finally {
    await engine.removeImage(reference).catch(() => undefined);
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

async function verifyIn(
  { sandbox, engine, signal }: VerifyRequest,
  context: AttemptContext,
  image: { readonly reference: string; readonly id: string },
): Promise<number | null> {
  const { limits } = sandbox;
  const outDir = await mkdtemp(join(tmpdir(), 'tbench-isolated-'));
  try {
    await using fresh = await engine.createSandbox(
      {
        image,
        cpus: limits.cpus,
        memoryBytes: limits.memoryBytes,
        pidsLimit: limits.pids,
        network: limits.network === 'none' ? 'none' : 'public',
        env: sandbox.env,
        workdir: sandbox.workdir,
        user: sandbox.user,
        owner: { job: 'second-opinion', trial: sandbox.id, task: 'second-opinion' },
      },
      signal,
    );
    const { evidence } = await attemptTests({ ...context, sandbox: fresh }, outDir);
    return evidence.reward.value;
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}
