/**
 * What the agent's commands find in their environment beside the image's own, so that programs behave as without a
 * terminal: no questions, no pagers, no cursor movements, no editors. A harness file may override each one.
 */
export const shellEnvironment: Readonly<Record<string, string>> = {
  DEBIAN_FRONTEND: 'noninteractive',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  MANPAGER: 'cat',
  SYSTEMD_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  TERM: 'dumb',
};
