import { isPass, type TrialSummary } from '../record/trial-summary.js';

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
  if (!trial.measured) return 'none';
  if (isPass(trial)) return 'passed';
  return trial.effectiveReward > 0 ? 'partial' : 'failed';
}
