import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { ReportCounts } from '../../record/evidence/test-evidence.js';
import { parseCtrf } from './ctrf.js';
import { maxRewardBytes, type RewardFiles } from './reward.js';
import { verifierLogs } from '../log-folders.js';

/** What the tests left in /logs/verifier, now on the host. */
export interface CollectedResults {
  readonly rewards: RewardFiles;
  readonly report: ReportCounts | null;
  /** Entries that were not written to the host: links, devices, what exceeded a limit. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

/** Names in /logs/verifier that say what came of the tests. */
export function resultNames(report: string | null): readonly string[] {
  return ['reward.txt', 'reward.json', report ?? defaultReport];
}

const defaultReport = 'ctrf.json';
const limits = { maxEntries: 2_000, maxFileBytes: 16 * 2 ** 20, maxTotalBytes: 64 * 2 ** 20 };
const maxReportBytes = limits.maxFileBytes;

/** Copies /logs/verifier to `outDir` and reads reward and report from the copies: what was judged is what is kept. */
export async function collectResults(
  sandbox: Sandbox,
  options: { readonly outDir: string; readonly report: string | null; readonly signal: AbortSignal },
): Promise<CollectedResults> {
  const { outDir, signal } = options;
  const download = await sandbox.download(verifierLogs, outDir, limits, signal);
  const refused = [...(download?.refused ?? [])];
  const sizes = new Map((download?.files ?? []).map(({ path, sizeBytes }) => [path, sizeBytes]));
  const read = async (name: string, maxBytes: number): Promise<string | null> => {
    const size = sizes.get(name);
    if (size === undefined) return null;
    if (size <= maxBytes) return readText(join(outDir, name));
    refused.push({ path: name, reason: `${size} bytes, more than ${maxBytes}` });
    return null;
  };
  const txt = await read('reward.txt', maxRewardBytes);
  const json = await read('reward.json', maxRewardBytes);
  const report = await read(options.report ?? defaultReport, maxReportBytes);
  return { rewards: { txt, json, refused }, report: report === null ? null : parseCtrf(report), refused };
}

async function readText(path: string): Promise<string> {
  await using file = await open(path, 'r');
  return await file.readFile('utf8');
}
