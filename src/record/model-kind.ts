/**
 * What answers a model's loop: a live server, a live server of a model that was made to calibrate tbench, a job recorded
 * earlier, or turns written by hand.
 */
export const answeringKinds = ['live', 'calibration', 'replay', 'scripted'] as const;
export type AnsweringKind = (typeof answeringKinds)[number];

/** A model that is served under this prefix is no model under test, and every output says so. */
export const calibrationPrefix = 'calibration:';

/** The same for every agent: nobody answers oracle and nop. */
export const modelKinds = [...answeringKinds, 'none'] as const;
export type ModelKind = (typeof modelKinds)[number];
