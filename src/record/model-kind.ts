/** What answers a model's loop: a live server, a job recorded earlier, or turns written by hand. */
export const answeringKinds = ['live', 'replay', 'scripted'] as const;
export type AnsweringKind = (typeof answeringKinds)[number];

/** The same for every agent: nobody answers oracle and nop. */
export const modelKinds = [...answeringKinds, 'none'] as const;
export type ModelKind = (typeof modelKinds)[number];
