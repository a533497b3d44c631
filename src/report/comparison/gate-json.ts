import type { GateResult } from '../../score/comparison/gate.js';
import { comparisonToJson } from './comparison-json.js';

/** The gate's decision for machines; drops are fractions of 1. */
export function gateToJson(result: GateResult): Record<string, unknown> {
  return {
    schema_version: 1,
    units: { drop: 'fraction of 1', detectable_drop: 'fraction of 1, 80 % power; null: none' },
    verdict: result.decision,
    reasons: result.reasons,
    remedy: { allow: result.remedy.allow, max_unmeasured: result.remedy.maxUnmeasured },
    drop: result.drop,
    drop_bounds: [result.dropBounds.low, result.dropBounds.high],
    p: result.p,
    detectable_drop: result.detectableDrop,
    max_drop: result.options.maxDrop,
    alpha: result.options.alpha,
    max_unmeasured: result.options.maxUnmeasured,
    tasks: Object.fromEntries(
      result.tasks.map((task) => [
        task.task,
        { status: task.status, before: task.before, after: task.after, difference: task.difference },
      ]),
    ),
    comparison: comparisonToJson(result.comparison),
  };
}
