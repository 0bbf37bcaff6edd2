import { configDefaults, defineConfig } from 'vitest/config'

const sources = '{packages,services,apps}/*/{src,tests}/**'
const programs = '{bench,proof}/src/**'
const long = '*.long.test.ts'

/** `--mode long` runs what takes too long for every run, one file after the other. */
// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig(({ mode }) => {
  const isLong = mode === 'long'
  const names = isLong ? long : '*.test.ts'
  return {
    test: {
      include: [`${sources}/${names}`, `${programs}/${names}`, `scripts/${names}`],
      exclude: [...configDefaults.exclude, ...(isLong ? [] : [`**/${long}`])],
      globalSetup: 'packages/testing/src/global-setup.ts',
      setupFiles: 'packages/testing/src/setup-file.ts',
      testTimeout: isLong ? 300_000 : 20_000,
      hookTimeout: isLong ? 120_000 : 30_000,
      // Tests wait for servers more than they compute: two of them leave two cores half idle.
      maxWorkers: isLong ? 1 : 3,
    },
  }
})
