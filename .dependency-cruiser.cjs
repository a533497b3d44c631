/**
 * The house rules of docs/architecture.md: a folder of src/ imports only from floors below it,
 * never from a neighbour on its own floor, and each foreign package has one home.
 */
const floors = [
  ['base'],
  ['record'],
  ['results'],
  ['score', 'sandbox', 'model', 'dataset'],
  ['agent', 'verifier'],
  ['trial'],
  ['job'],
  ['run', 'review'],
  ['report'],
  ['view'],
  ['cli'],
];

const floorRules = floors.flatMap((rooms, floor) => {
  const above = floors.slice(floor + 1).flat();
  return rooms.map((room) => {
    const forbidden = [...above, ...rooms.filter((other) => other !== room)];
    return {
      name: `${room}-looks-down-only`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: forbidden.length === 0 ? '^$' : `^src/(${forbidden.join('|')})/` },
    };
  });
});

const homes = [
  ['dockerode', 'sandbox'],
  ['tar-stream', 'sandbox'],
  ['openai', 'model'],
  ['commander', 'cli'],
  ['@commander-js/extra-typings', 'cli'],
  ['minijinja-js', 'agent'],
  ['vega', 'report'],
  ['vega-lite', 'report'],
  ['bullmq', 'job'],
  ['hono', 'view'],
  ['@hono/node-server', 'view'],
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...floorRules,
    ...homes.map(([name, room]) => ({
      name: `${name}-lives-in-${room}`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${room}/` },
      to: { path: `^node_modules/(@types/)?${name}/` },
    })),
    {
      name: 'score-is-pure',
      severity: 'error',
      from: { path: '^src/score/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(fs|fs/promises|net|http|https|child_process|process)$' },
    },
    {
      name: 'src-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
