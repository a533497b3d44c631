import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { okCheck, type Check } from './check.js';

export function checkNode(version: string): Check {
  const major = Number(version.replace(/^v/, '').split('.')[0]);
  if (major >= 20) return okCheck('node', version);
  return { name: 'node', state: 'fail', detail: version, mend: 'Install Node 20 or later.' };
}

/** git, without which named datasets cannot be fetched. */
export async function checkGit(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    return okCheck('git', stdout.trim());
  } catch {
    return {
      name: 'git',
      state: 'warn',
      detail: 'not found',
      mend: 'Install git to fetch datasets by name (apt-get install git).',
    };
  }
}
