import { defineConfig } from 'vitest/config'

/** Journeys drive one product in real browsers, so files run one after the other and may take their time. */
// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from a default export
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['{tests,access,events,abuse,degradation,push}/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
