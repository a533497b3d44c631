import { isPassing } from '../record/reward.js';
import type { TrialSummary } from '../record/trial-summary.js';

/** How a trial looks in every list: four ends, under way, cancelled, not begun. */
export type MarkState = 'passed' | 'partial' | 'failed' | 'none' | 'running' | 'cancelled' | 'waiting';

/** Shape, letter and words differ, so that no state is told by its colour alone. */
export const stateWords: Readonly<Record<MarkState, { readonly glyph: string; readonly text: string }>> = {
  passed: { glyph: '✓', text: 'passed' },
  partial: { glyph: '◐', text: 'partial' },
  failed: { glyph: '✕', text: 'failed' },
  none: { glyph: '?', text: 'no verdict' },
  running: { glyph: '▸', text: 'running' },
  cancelled: { glyph: '∅', text: 'cancelled' },
  waiting: { glyph: '·', text: 'not begun' },
};

export function stateOf(trial: TrialSummary): MarkState {
  return rewardState(trial.measured ? trial.effectiveReward : null);
}

/** The same of a reward that counts; null without a verdict. */
export function rewardState(reward: number | null): MarkState {
  if (reward === null) return 'none';
  if (isPassing(reward)) return 'passed';
  return reward > 0 ? 'partial' : 'failed';
}
