import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../config.ts'
import { runCommand } from '../process/run-command.ts'
import { inRoot } from '../root.ts'
import { hashSources } from './hash-sources.ts'
import { precompress } from './precompress.ts'

/** What the app is made of. */
const sources = ['apps/mobile', 'packages/client', 'packages/contracts', 'package-lock.json']
const usualBuilds = inRoot('apps', 'mobile', 'dist')
/** Builds kept, the newest first: one may still be served by another stack. */
const keptBuilds = 3

interface BuildOptions {
  environment: Environment
  /** Where builds are kept; by the app, so that all homes share them, unless told otherwise. */
  builds?: string | undefined
  logPath: string
  signal?: AbortSignal | undefined
  onLine?: (line: string) => void
}

/** The folder with the web app of the present sources, built when there is none. It is named after their fingerprint, so a build is never half there or out of date. */
export async function buildWeb(options: BuildOptions): Promise<string> {
  const { environment, builds = usualBuilds, logPath, signal, onLine } = options
  const build = join(builds, await hashSources(sources))
  if (await exists(build)) {
    const now = new Date()
    await utimes(build, now, now)
    return build
  }
  const draft = join(builds, `.building-${process.pid}-${Date.now()}`)
  await mkdir(draft, { recursive: true })
  try {
    await runCommand(
      process.execPath,
      [inRoot('node_modules', 'expo', 'bin', 'cli'), 'export', '--platform', 'web', '--output-dir', draft],
      {
        cwd: inRoot('apps', 'mobile'),
        environment: {
          ...environment,
          NODE_ENV: 'production',
          CI: '1',
          EXPO_NO_TELEMETRY: '1',
          EXPO_OFFLINE: '1',
        },
        signal,
        logPath,
        ...(onLine ? { onLine } : {}),
      },
    )
    await precompress(draft)
    // Another stack may have built the same in the meantime; either one serves.
    await rename(draft, build).catch(async (error) => {
      if (!(await exists(build))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await removeOldBuilds(builds)
  return build
}

async function removeOldBuilds(builds: string) {
  const names = (await readdir(builds)).filter((name) => /^([0-9a-f]{16}|\.building-.*)$/.test(name))
  const dated = await Promise.all(
    names.map(async (name) => ({
      path: join(builds, name),
      age: Date.now() - (await stat(join(builds, name))).mtimeMs,
    })),
  )
  const old = dated.sort((a, b) => a.age - b.age).slice(keptBuilds)
  // What was made within the hour may be somebody's draft.
  const forgotten = old.filter(({ age }) => age > 3_600_000)
  await Promise.all(forgotten.map(({ path }) => rm(path, { recursive: true, force: true })))
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
