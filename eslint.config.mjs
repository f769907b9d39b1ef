import { builtinModules } from 'node:module'

import js from '@eslint/js'
import tseslint from 'typescript-eslint'

import { fileName } from './scripts/eslint-file-name.mjs'
import { allowedImports, allowedTestImports, layers, portable } from './scripts/layers.mjs'

const tests = ['**/*.test.ts', '**/*.bench.ts', '**/*.contract.ts', '**/test/**/*.ts', 'test/**/*.ts']

/** Files whose hot functions take more than four parameters, and why an options object will not do there. */
const manyParameters = [
  { file: 'packages/exchange/src/forwarder.ts', reason: 'an object per forwarded frame would be its only allocation' },
  { file: 'packages/exchange/src/pending-table.ts', reason: 'the same' },
]

/** Files above 500 lines of code, and why they are not two. */
const longFiles = []

const noPrograms = {
  regex: '^@frontier/(frontier|test|bench|example-.*)$|(^|/)(apps|examples|bench)/',
  message: 'Nothing imports a program: move what is shared into a package.',
}

const noNeighbours = {
  regex: '^(\\.\\./)+(packages/)?(' + layers.join('|') + ')/(src|dist|test)/',
  message: 'Import another package by its name.',
}

/** What the import rule says for one package: its sources, then its tests. */
function layerRules(name) {
  const only = (allowed) => ({
    regex: `^@frontier/(?!(${['-', ...allowed].join('|')})$)`,
    message: `@frontier/${name} may import only: ${allowed.join(', ') || 'no package of ours'} (scripts/layers.mjs).`,
  })
  const noNode = {
    regex: `^(node:.*|${builtinModules.filter((module) => !module.startsWith('_')).join('|')})$`,
    message: `@frontier/${name} also runs in browsers: no Node modules.`,
  }
  const isPortable = portable.includes(name)
  const forSources = [only(allowedImports(name)), noPrograms, noNeighbours, ...(isPortable ? [noNode] : [])]
  const forTests = [only(allowedTestImports(name)), noPrograms, noNeighbours]
  const nodeGlobals = ['Buffer', 'process', 'require', 'setImmediate', '__dirname', '__filename']
  return [
    {
      files: [`packages/${name}/**/*.ts`],
      rules: {
        'no-restricted-imports': ['error', { patterns: forSources }],
        'no-restricted-globals': ['error', ...(isPortable ? nodeGlobals : [])],
      },
    },
    {
      files: tests.filter((glob) => glob.startsWith('**')).map((glob) => `packages/${name}/${glob}`),
      rules: { 'no-restricted-imports': ['error', { patterns: forTests }], 'no-restricted-globals': 'off' },
    },
  ]
}

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'test/.tmp/**', '.pnpm-bin/**', '**/.turbo/**', '**/gen/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { local: { rules: { 'file-name': fileName } } },
    rules: {
      'local/file-name': 'error',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-undef': 'off', // the compiler knows better
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An index that was checked one line above: binary protocol code is full of them.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allow: [{ name: ['Error', 'URL'], from: 'lib' }] },
      ],
      // `return void f()` and arrow shorthands are how a callback says that the result does not matter.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `json<T>()` and handlers that return bytes or nothing are what the SDK's surface promises.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Handlers may be async by contract without awaiting anything.
      '@typescript-eslint/require-await': 'off',
      // `while (true)` and friends.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  ...layers.flatMap(layerRules),
  {
    files: ['apps/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts', 'scripts/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['{apps,examples,bench}/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noPrograms] }] },
  },
  {
    files: tests,
    rules: {
      'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }],
      // Tests feed wrong things on purpose and hand bound and unbound methods about.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...manyParameters.map(({ file }) => ({ files: [file], rules: { 'max-params': 'off' } })),
  ...longFiles.map(({ file }) => ({ files: [file], rules: { 'max-lines': 'off' } })),
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        AbortSignal: 'readonly',
        Buffer: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        process: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        URL: 'readonly',
      },
    },
  },
)
