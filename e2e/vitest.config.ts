import { configDefaults, defineConfig } from 'vitest/config'

const long = '**/*.long.test.ts'

/**
 * Journeys drive one product in real browsers, so files run one after the other and may take their time. `--mode long`
 * runs what takes too long for every run.
 */
// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from a default export
export default defineConfig(({ mode }) => ({
  test: {
    root: import.meta.dirname,
    include: mode === 'long' ? [long] : ['{tests,access,events,abuse,degradation,push}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(mode === 'long' ? [] : [long])],
    fileParallelism: false,
    testTimeout: mode === 'long' ? 600_000 : 120_000,
    hookTimeout: 300_000,
  },
}))
