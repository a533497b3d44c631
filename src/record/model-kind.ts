/** What answered the agent: a live server, a replayed or scripted recording, or nobody (oracle and nop). */
export const modelKinds = ['live', 'replay', 'scripted', 'none'] as const;
export type ModelKind = (typeof modelKinds)[number];
