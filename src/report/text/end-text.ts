import type { Blame } from '../../record/blame.js';
import { isPassing } from '../../record/reward.js';

/** What is told of a trial that has ended. */
interface End {
  /** As the headline counts it; null where the tests gave no verdict. */
  readonly reward: number | null;
  readonly blame: Blame | null;
  readonly ending: string | null;
}

/** How a trial ended, in a few words: `passed, submitted`, `reward 0.5`, `no verdict (infrastructure)`. */
export function endText({ reward, blame, ending }: End): string {
  return `${resultText(reward, blame)}${ending === null ? '' : `, ${ending}`}`;
}

function resultText(reward: number | null, blame: Blame | null): string {
  if (reward === null) return `no verdict${blame === null ? '' : ` (${blame})`}`;
  if (isPassing(reward)) return 'passed';
  return reward > 0 ? `reward ${reward}` : 'failed';
}
