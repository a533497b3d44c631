import type { Finding } from '../../record/finding.js';

/** Where the tasks and their solutions are published. */
const benchmarkHosts = /(?:^|\.)(?:tbench\.ai|harborframework\.com)$/;
const benchmarkRepositories =
  /^\/(?:laude-institute|harbor-framework|open-thoughts)\/(?:terminal-bench|harbor|openthoughts-tblite|t-bench)[\w.-]*/i;
const codeHosts = /(?:^|\.)(?:github\.com|githubusercontent\.com|huggingface\.co)$/;
const url = /\b(?:https?:\/\/|git@)([\w.-]+)(?::\d+)?[:/]?([^\s'"`)<>|;]*)/g;
const fetcher =
  /\b(?:curl|wget|git\s+(?:clone|fetch|ls-remote|remote\s+add|pull)|urlopen|urlretrieve|requests\.|httpx|fetch\(|aria2c|lynx|w3m|gh\s+)/;

/**
 * Commands that fetch from where the benchmark's tasks are published. Bare words do not count: honest agents
 * type "terminal-bench" where a task is about it.
 */
export function findLookups(commands: readonly string[]): Finding[] {
  return commands.flatMap((command) => {
    if (!fetcher.test(command)) return [];
    const found = [...command.matchAll(url)].find(([, host = '', path = '']) => {
      const atCodeHost = codeHosts.test(host) && benchmarkRepositories.test(`/${path.replace(/^\/+/, '')}`);
      return benchmarkHosts.test(host) || atCodeHost;
    });
    return found === undefined
      ? []
      : [
          {
            code: 'benchmark-fetched',
            severity: 'warn' as const,
            detail: `fetched ${found[0].slice(0, 200)}`,
          },
        ];
  });
}
