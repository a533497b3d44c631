import { safeJson } from '../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { renderStatus } from '../report/status-text.js';
import { renderFolderAudit } from '../report/trial/folder-audit-text.js';
import { renderStory } from '../report/trial/trial-story-text.js';
import type { JobStatus } from '../review/live/job-status.js';
import { findFolder } from '../review/find-folder.js';
import type { FolderAudit } from '../review/story/folder-audit.js';
import { readStory, type Story } from '../review/story/read-story.js';
import type { TrialStory } from '../review/story/trial-story.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { printTurns } from './logs.js';
import { print } from './tell.js';
import { terminalWidth } from './terminal-width.js';

const examples = `
Examples:
  tbench show results/my-job/fix-git__2     why this trial got its verdict
  tbench show my-job/fix-git__2             the same, looked up under --results
  tbench show my-job/fix-git__2 --follow    a running trial: its turns as they end, then the story
  tbench show harbor-job                    audits every trial of a job that another harness wrote
  tbench show my-job/fix-git__2 --json | jq .source.findings`;

/** `tbench show TRIAL`. */
export function showCommand() {
  return new Command('show')
    .description(
      'Tells the story of one verdict from the files of a trial: what was run, what it said, why the verdict. Given a job folder, audits its trials by the same rules as far as their files allow, or says where it stands while none has ended.',
    )
    .argument('<trial>', 'a trial folder, job/trial under --results, or a job folder')
    .option('-o, --results <dir>', 'where names are looked up', defaultResultsDir)
    .option('--follow', 'of a running trial: print its turns as they end, then the story')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const dir = await findFolder(name, flags.results);
      if (flags.follow === true) {
        using interrupt = listenForInterrupt({ says: 'no longer following' });
        await printTurns(dir, true, interrupt.signal);
        if (interrupt.signal.aborted) return;
      }
      const found = await readStory(dir);
      print(flags.json === true ? `${safeJson(dataOf(found))}\n` : render(found));
    });
}

function dataOf(found: Story): TrialStory | FolderAudit | JobStatus {
  if (found.kind === 'begun') return found.status;
  return found.kind === 'trial' ? found.story : found.audit;
}

function render(found: Story): string {
  if (found.kind === 'begun') return renderStatus(found.status, new Date(), terminalWidth());
  return found.kind === 'trial' ? renderStory(found.story) : renderFolderAudit(found.audit);
}
