/** The training step that a revision, model or job is named after: `step_20`, `my-model@step-000020` and `20` are 20. */
export function stepNumber(text: string): number | null {
  const match = /(?:^|[^a-z])(?:step|checkpoint|ckpt|iter)[_-]?0*(\d+)/i.exec(text) ?? /^0*(\d+)$/.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}
