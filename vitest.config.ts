import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

import { threadsFromSource } from './scripts/threads-from-source.js'

const packages = fileURLToPath(new URL('./packages/', import.meta.url))

const never = ['**/node_modules/**', '**/dist/**', 'test/.tmp/**']
const ofWholeMachines = ['test/guarantees/**/*.test.ts']

export default defineConfig({
  plugins: [threadsFromSource()],
  resolve: {
    // Tests read the sources: no build needed, and a stack trace points at the line that was written.
    alias: [
      { find: /^@frontier\/([a-z0-9-]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@frontier\/([a-z0-9-]+)\/([a-z0-9-]+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'suites',
          include: [
            'packages/*/{src,test}/**/*.test.ts',
            'apps/*/{src,test}/**/*.test.ts',
            'examples/*/{src,test}/**/*.test.ts',
            'bench/**/*.test.ts',
            'test/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          exclude: [...never, ...ofWholeMachines],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'guarantees',
          include: ofWholeMachines,
          exclude: never,
          // They load several processes, and some name a figure: one after the other, when the rest is done.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    execArgv: ['--expose-gc'], // memory tests collect before they measure
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
