import { join, resolve } from 'node:path';
import { z } from 'zod';
import { openDeadline } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import { parseJson } from '../../base/json-value.js';
import { runGit } from '../../dataset/source/git.js';
import type { Surroundings } from '../surroundings.js';
import { listCheckpoints } from './list-checkpoints.js';
import type { Revision, RevisionListing } from './choose-revisions.js';
import { isFolder } from '../../dataset/load-folder.js';

/** Where a model's revisions are listed. */
export type RevisionSource =
  | { readonly kind: 'hub'; readonly url: string }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'folder'; readonly dir: string };

type Place = Pick<Surroundings, 'env' | 'signal'>;

const listingLimitMs = 60_000;
const hub = 'https://huggingface.co';

/**
 * What `text` names: a git repository (an address, or a folder with one), a folder of checkpoints, or else a repository of
 * the Hugging Face hub (at `HF_ENDPOINT` where that is set).
 */
export async function revisionSource(text: string, env: Place['env']): Promise<RevisionSource> {
  if (/^[a-z+]+:\/\/|^[^/\s]+@[^/\s]+:/i.test(text)) return { kind: 'git', url: text };
  const dir = resolve(text);
  if (await isFolder(dir)) {
    const isRepository = (await isFolder(join(dir, '.git'))) || (await isFolder(join(dir, 'refs')));
    return isRepository ? { kind: 'git', url: dir } : { kind: 'folder', dir };
  }
  const endpoint = (env['HF_ENDPOINT'] ?? '') === '' ? hub : (env['HF_ENDPOINT'] ?? hub);
  const path = text.split('/').map(encodeURIComponent).join('/');
  return { kind: 'hub', url: `${endpoint.replace(/\/+$/, '')}/api/models/${path}/refs` };
}

/** The revisions that a source holds now. Throws `EnvironmentError` when it cannot be asked. */
export async function listRevisions(source: RevisionSource, place: Place): Promise<RevisionListing> {
  if (source.kind === 'folder') return listCheckpoints(source.dir);
  const revisions =
    source.kind === 'git' ? await branchesOf(source.url, place) : await refsOf(source.url, place);
  return { revisions, unfinished: [] };
}

async function branchesOf(url: string, { env, signal }: Place): Promise<readonly Revision[]> {
  const result = await runGit(['ls-remote', '--quiet', '--heads', '--', url], {
    hostEnv: env,
    cwd: '/',
    timeoutMs: listingLimitMs,
    signal,
  });
  if (result.exitCode !== 0)
    throw new EnvironmentError(
      `the branches of ${url} cannot be listed: ${result.stderr.trim().slice(0, 500)}`,
    );
  return result.stdout.split('\n').flatMap((line) => {
    const match = /^([0-9a-f]+)\trefs\/heads\/(.+)$/.exec(line);
    return match?.[1] === undefined || match[2] === undefined
      ? []
      : [{ revision: match[2], commit: match[1] }];
  });
}

const refsSchema = z.looseObject({
  branches: z.array(z.looseObject({ name: z.string().min(1), targetCommit: z.string().nullish() })),
});

async function refsOf(url: string, { env, signal }: Place): Promise<readonly Revision[]> {
  using deadline = openDeadline(listingLimitMs, signal);
  const token = env['HF_TOKEN'] ?? '';
  const headers: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  const hint =
    'Name the revisions one by one, or say with --from where they are: a git repository or a folder.';
  try {
    const answer = await fetch(url, { headers, signal: deadline.signal });
    if (!answer.ok) throw new EnvironmentError(`it answered ${answer.status}`);
    const { branches } = refsSchema.parse(parseJson(await answer.text()));
    return branches.map(({ name, targetCommit }) => ({ revision: name, commit: targetCommit ?? null }));
  } catch (cause) {
    signal.throwIfAborted();
    throw new EnvironmentError(`the branches cannot be listed at ${url}`, { hint, cause });
  }
}
