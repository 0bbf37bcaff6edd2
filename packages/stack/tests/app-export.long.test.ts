import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inRoot } from '../src/config.ts'

const run = promisify(execFile)
const expo = inRoot('node_modules', 'expo', 'bin', 'cli')
const app = inRoot('apps', 'mobile')
const environment = { CI: '1', EXPO_NO_TELEMETRY: '1', EXPO_OFFLINE: '1', NODE_ENV: 'production' }

test.each(['android', 'ios'])('the app is compiled by Hermes for %s', async (platform) => {
  const output = await mkdtemp(join(tmpdir(), `finnigram-${platform}-`))
  try {
    await runExpo(app, ['export', '--platform', platform, '--output-dir', output])
    const files = await readdir(join(output, '_expo/static/js', platform))
    expect(files.filter((name) => name.endsWith('.hbc'))).toHaveLength(1)
  } finally {
    await rm(output, { recursive: true, force: true })
  }
})

test.each([
  ['android', 'app/src/main/AndroidManifest.xml', 'android:scheme="finnigram"'],
  ['ios', 'Finnigram/Info.plist', '<string>finnigram</string>'],
])(
  'the project of %s is made without a network, from the template that Expo brings',
  async (platform, file, scheme) => {
    const copy = await mkdtemp(join(tmpdir(), `finnigram-${platform}-`))
    try {
      for (const name of await readdir(app)) {
        if (!['node_modules', 'android', 'ios'].includes(name))
          await cp(join(app, name), join(copy, name), { recursive: true })
      }
      await symlink(inRoot('node_modules'), join(copy, 'node_modules'))
      const nowhere = 'http://127.0.0.1:9'
      await runExpo(copy, ['prebuild', '--platform', platform, '--no-install'], {
        npm_config_registry: nowhere,
        HTTP_PROXY: nowhere,
        HTTPS_PROXY: nowhere,
      })
      expect(await readFile(join(copy, platform, file), 'utf8')).toContain(scheme)
      const [mine, theirs] = [app, copy].map((folder) => readFile(join(folder, 'package.json'), 'utf8'))
      expect(await theirs).toBe(await mine)
    } finally {
      await rm(copy, { recursive: true, force: true })
    }
  },
)

const runExpo = (cwd: string, args: string[], more: Record<string, string> = {}) =>
  run(process.execPath, [expo, ...args], {
    cwd,
    env: { ...process.env, ...environment, ...more },
    maxBuffer: 64 * 1024 * 1024,
  })
