/** Who a failure is charged to. */
export const blames = ['model', 'task', 'verifier', 'infrastructure'] as const;
export type Blame = (typeof blames)[number];
