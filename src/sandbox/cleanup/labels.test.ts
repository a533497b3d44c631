import { describe, expect, it } from 'vitest';
import { containerName, labelledOwner, ownerLabels } from './labels.js';
import { identify, ownerState } from '../../base/process-identity.js';

const owner = { job: 'a job', trial: 'fix-git__2', task: 'fix-git' };

describe('labels', () => {
  it('lead from a container back to the process that made it', () => {
    const found = labelledOwner(ownerLabels(owner));
    expect(found).toEqual(identify());
    expect(found === null ? null : ownerState(found)).toBe('alive');
  });

  it('mean nothing on a container that is not of tbench, or is damaged', () => {
    expect(labelledOwner({})).toBeNull();
    expect(labelledOwner({ ...ownerLabels(owner), 'tbench.owner.pid': 'x' })).toBeNull();
    expect(labelledOwner({ ...ownerLabels(owner), 'tbench.managed': '0' })).toBeNull();
  });
});

describe('containerName', () => {
  it.each([
    ['fix-git__2', 'tbench-fix-git__2-ab12'],
    ['ünï/code name', 'tbench-n-code-name-ab12'],
    ['///', 'tbench-ab12'],
  ])('makes %s acceptable to engines', (trial, name) => {
    expect(containerName(trial, 'ab12')).toBe(name);
  });
});
