import { configDefaults, defineConfig } from 'vitest/config'

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig({
  test: {
    include: ['{packages,services,apps}/*/{src,tests}/**/*.test.ts', '{bench,proof}/src/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.long.test.ts'],
    globalSetup: 'packages/service-kit/src/testing/global-setup.ts',
    setupFiles: 'packages/service-kit/src/testing/setup-file.ts',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Tests wait for servers more than they compute: two of them leave two cores half idle.
    maxWorkers: 3,
  },
})
