import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { Manifest } from './manifest.js';

const prefix = 'git+';
/** Scheme and user, the rest of the address, and what follows an `@` of its own. */
const address = /^((?:[a-z][\w+.-]*:\/\/)?(?:[^/@]*@)?[^@]*)(?:@(.*))?$/s;
const fullCommit = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Characters; servers take no longer addresses. */
const longest = 8_192;

export function isGitReference(text: string): boolean {
  return text.startsWith(prefix);
}

/**
 * The dataset that `git+URL@REF#PATH` stands for: all tasks of a folder of a repository. REF is a branch, a tag or a full commit,
 * without it the default branch; PATH is a folder of task folders or one of them, without it the root. An `@` belongs to the URL
 * where a user name stands before a host.
 */
export function gitReference(text: string): { readonly name: string; readonly manifest: Manifest } {
  if (text.length > longest)
    throw new InputError(`an address of ${text.length} characters is no repository's`);
  const [place = '', folder = ''] = text.slice(prefix.length).split(/#(.*)/s);
  const [, git = '', ref = ''] = address.exec(place) ?? [];
  const path = posix.normalize(folder).replace(/^\.?\/|\/$/g, '');
  if (git === '' || git.startsWith('-') || !/^([A-Za-z0-9_][\w./+-]*)?$/.test(ref) || path.startsWith('..'))
    throw new InputError(`"${text}" is no repository that tasks can be fetched from`, {
      hint: 'write git+URL@REF#PATH, e.g. git+https://github.com/org/tasks.git@v2#tasks',
    });
  const repository = posix.basename(git, '.git').replaceAll(/[^\w.-]/g, '-');
  const id = createHash('sha256').update(`${git}\0${ref}\0${path}`).digest('hex').slice(0, 8);
  const commit = fullCommit.test(ref) ? ref : null;
  return {
    name: `${repository}-${id}`,
    manifest: {
      file: text,
      publishedName: repository,
      description: text,
      version: ref === '' ? null : ref,
      sources: [
        {
          git,
          commit,
          ref: commit === null && ref !== '' ? ref : null,
          path: path === '.' || path === '' ? null : path,
        },
      ],
      tasks: [],
      warnings: [],
    },
  };
}
