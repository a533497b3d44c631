import type { HostVariables } from '../../base/host-variables.js';
/** The queue that was asked for: by option, else by $TBENCH_QUEUE, which keeps a password out of the process list; else null. */
export function queueUrl(option: string | undefined, env: HostVariables): string | null {
  const url = option ?? env['TBENCH_QUEUE'] ?? '';
  return url === '' ? null : url;
}
