import { configDefaults, defineConfig } from 'vitest/config'

const long = '**/*.long.test.ts'
/** What speaks to a server of its own and to no browser: two of them fit side by side. */
const withoutBrowser = [
  '{authorization,events,push}/**/*.test.ts',
  'security/{security,limits}.test.ts',
  'journeys/kill-service.test.ts',
]
/** What watches how long things take, or shows them in a browser, has the machine for itself. */
const alone = ['{journeys,security,resilience}/**/*.test.ts']

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
  return {
    test: {
      root: import.meta.dirname,
      projects: [
        {
          test: {
            ...patience,
            name: 'api',
            include: withoutBrowser,
            exclude: [...exclude, long],
            maxWorkers: 2,
            sequence: { groupOrder: 0 },
          },
        },
        {
          test: {
            ...patience,
            name: 'journeys',
            include: alone,
            exclude: [...exclude, long, ...withoutBrowser],
            fileParallelism: false,
            sequence: { groupOrder: 1 },
          },
        },
      ],
    },
  }
})
