import { describe, expect, it } from 'vitest';
import type { TaskArtifact } from '../../dataset/task.js';
import { planArtifacts } from './artifact-plan.js';

function planOf(...artifacts: readonly Partial<TaskArtifact>[]): string[] {
  const whole = artifacts.map((one) => ({
    source: '',
    destination: null,
    service: null,
    exclude: [],
    ...one,
  }));
  return planArtifacts(whole).map(
    ({ service, path, place, isTaken }) => `${service} ${path} ${place}${isTaken ? ' taken' : ''}`,
  );
}

describe('planArtifacts', () => {
  it("puts main's /logs/artifacts first, unless the task declares it, and sidecars last", () => {
    expect(planOf({ source: '/data', service: 'db' }, { source: 'app/x' })).toEqual([
      'main /logs/artifacts logs/artifacts',
      'main /app/x app/x',
      'db /data data',
    ]);
    expect(planOf({ source: '/logs/artifacts/', exclude: ['x'] })).toEqual([
      'main /logs/artifacts logs/artifacts',
    ]);
  });

  it('gives a place to the first that wants it, above and below too, and never the manifest', () => {
    expect(
      planOf(
        { source: '/a/b' },
        { source: '/a' },
        { source: '/a/b/c' },
        { source: '/x', destination: 'a/b' },
        { source: '/manifest.json' },
      ),
    ).toEqual([
      'main /logs/artifacts logs/artifacts',
      'main /a/b a/b',
      'main /a a taken',
      'main /a/b/c a/b/c taken',
      'main /x a/b taken',
      'main /manifest.json manifest.json taken',
    ]);
  });
});
