import { configDefaults, defineConfig } from 'vitest/config'

const long = '**/*.long.test.ts'
/** What speaks to a server of its own and to no browser. */
const api = [
  '{authorization,events,push}/**/*.test.ts',
  'security/{security,limits}.test.ts',
  'journeys/kill-service.test.ts',
]
/** People in browsers: each file has a server of its own. */
const journeys = ['journeys/**/*.test.ts']
/** What watches how long things take has the machine for itself. */
const alone = ['resilience/**/*.test.ts', 'security/greedy.test.ts']

/**
 * The whole product, in real browsers and under attack. `--mode long` runs what takes too long for
 * every run.
 */
// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from a default export
export default defineConfig(({ mode }) => {
  const exclude = configDefaults.exclude
  const shared = { root: import.meta.dirname, hookTimeout: 300_000 }
  const patience = { ...shared, testTimeout: 120_000 }
  if (mode === 'long')
    return { test: { ...shared, include: [long], exclude, fileParallelism: false, testTimeout: 600_000 } }
  const project = (name: string, include: string[], options: { workers: number; order: number }) => ({
    test: {
      ...patience,
      name,
      include,
      exclude: [...exclude, long, ...(name === 'journeys' ? api : [])],
      maxWorkers: options.workers,
      fileParallelism: options.workers > 1,
      sequence: { groupOrder: options.order },
    },
  })
  return {
    test: {
      root: import.meta.dirname,
      projects: [
        project('api', api, { workers: 2, order: 0 }),
        project('journeys', journeys, { workers: 2, order: 1 }),
        project('alone', alone, { workers: 1, order: 2 }),
      ],
    },
  }
})
