import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inRoot } from '../src/root.ts'

const run = promisify(execFile)
const expo = inRoot('node_modules', 'expo', 'bin', 'cli')
const environment = { CI: '1', EXPO_NO_TELEMETRY: '1', EXPO_OFFLINE: '1', NODE_ENV: 'production' }

test.each(['android', 'ios'])('the app is compiled by Hermes for %s', async (platform) => {
  const output = await mkdtemp(join(tmpdir(), `finnigram-${platform}-`))
  try {
    await run(process.execPath, [expo, 'export', '--platform', platform, '--output-dir', output], {
      cwd: inRoot('apps', 'mobile'),
      env: { ...process.env, ...environment },
      maxBuffer: 64 * 1024 * 1024,
    })
    const files = await readdir(join(output, '_expo/static/js', platform))
    expect(files.filter((name) => name.endsWith('.hbc'))).toHaveLength(1)
  } finally {
    await rm(output, { recursive: true, force: true })
  }
})
