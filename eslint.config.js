import js from '@eslint/js';
import node from 'eslint-plugin-n';
import tseslint from 'typescript-eslint';

/** On Node 20 these lose their listeners after a garbage collection. */
const lostAfterCollection = ['any', 'timeout'].map((property) => ({
  object: 'AbortSignal',
  property,
  message: 'use src/base/deadline.ts',
}));

const onlyTheCommandLine = ['env', 'exit', 'argv', 'stdout', 'stderr', 'on', 'once'].map((property) => ({
  object: 'process',
  property,
  message: 'only src/cli/ reads the surroundings, prints, listens and exits',
}));

const linkedByHand = {
  selector: "CallExpression[callee.property.name='addEventListener'][arguments.0.value='abort']",
  message: 'use onAbort or linkAbort of src/base/deadline.ts',
};

const timersByHand = ['setTimeout', 'setInterval'].map((name) => ({
  name,
  message: 'use startTimer, startTicker, sleep or openDeadline of src/base/deadline.ts',
}));

const timerModules = ['timers', 'timers/promises', 'node:timers', 'node:timers/promises'].map((name) => ({
  name,
  message: 'use src/base/deadline.ts',
}));

/** A call takes about a hundred thousand arguments; what a stranger sends may be more, and then it throws. */
const spreadIntoACall = {
  selector:
    'CallExpression:matches([callee.property.name=/^(push|unshift|splice|concat)$/], [callee.object.name=/^(Math|String|Array)$/]) > SpreadElement',
  message: 'use appendAll, greatest or least: a list may be longer than a call takes',
};

const printedByHand = {
  selector:
    "CallExpression[callee.property.name='write'][callee.object.object.name='process'], CallExpression[callee.object.name='console']",
  message: 'use print or tell of src/cli/tell.ts: what strangers wrote must not steer the terminal',
};

/** The one place where it is done by hand. */
const linksByHand = ['src/base/deadline.ts'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'tasks/**', 'results/**', 'coverage', 'test/fixtures'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { n: node },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'n/no-unsupported-features/node-builtins': ['error', { version: '>=20.0.0', allowExperimental: true }],
      'no-console': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-control-regex': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': ['error', ...lostAfterCollection, ...onlyTheCommandLine],
      'no-restricted-syntax': ['error', linkedByHand, spreadIntoACall],
      'no-restricted-globals': ['error', ...timersByHand],
      'no-restricted-imports': ['error', ...timerModules],
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    rules: {
      'no-console': 'off',
      'no-restricted-properties': ['error', ...lostAfterCollection],
      'no-restricted-syntax': ['error', linkedByHand, spreadIntoACall, printedByHand],
    },
  },
  {
    files: ['src/cli/tell.ts'],
    rules: { 'no-restricted-syntax': ['error', linkedByHand, spreadIntoACall] },
  },
  {
    files: ['src/view/assets/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'document',
          'window',
          'location',
          'history',
          'fetch',
          'EventSource',
          'DOMParser',
          'setTimeout',
          'TextEncoder',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: linksByHand,
    rules: {
      'no-restricted-syntax': ['error', spreadIntoACall],
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
    },
  },
  { files: ['bench/**/*.ts', 'scripts/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
);
