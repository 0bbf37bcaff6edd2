import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import type { Gateway } from '@finnigram/gateway'
import { type Environment, inRoot, root, type StackConfig } from './config.ts'
import { CommandFailure, runCommand } from './process/run-command.ts'
import type { Progress } from './progress.ts'

interface WebContext {
  config: StackConfig
  progress: Progress
  signal: AbortSignal
  builds?: string
}

/**
 * Builds the web app if needed and has the gateway serve it. If that fails, says why: the API works
 * without it.
 */
export async function prepareWeb(
  gateway: Gateway,
  { config, progress, signal, builds }: WebContext,
): Promise<void> {
  const logPath = join(config.dataDirectory, 'logs', 'web-build.log')
  try {
    gateway.serveApp(
      await progress.step('Web app', (onLine) =>
        buildWeb({ environment: config.environment, builds, logPath, signal, onLine }),
      ),
    )
  } catch (error) {
    if (signal.aborted) return
    const cause =
      error instanceof CommandFailure ? error.tail : error instanceof Error ? error.message : String(error)
    progress.say(
      `\n  The web app could not be built; the API runs without it. All of ${logPath}:\n${cause}\n`,
    )
    gateway.showNotice({
      title: 'The web app could not be built',
      text: 'The server runs, and its API is described at <a href="/v1/docs">/v1/docs</a>. The terminal that started it shows why.',
      isPassing: false,
    })
  }
}

/** The sources of the app. */
const sources = ['apps/mobile', 'packages/client', 'packages/contracts', 'package-lock.json']
const usualBuilds = inRoot('apps', 'mobile', 'dist')
/** Builds kept, the newest first: another stack may still serve one. */
const keptBuilds = 3

interface BuildOptions {
  environment: Environment
  /** Where builds are kept; beside the app when not said, so that all stacks share them. */
  builds?: string | undefined
  logPath: string
  signal?: AbortSignal | undefined
  onLine?: (line: string) => void
}

/**
 * The folder with the app built from the present sources. It is named after their hash, so it is
 * never stale.
 */
async function buildWeb(options: BuildOptions): Promise<string> {
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
  // A folder younger than an hour may be a build in progress.
  const forgotten = old.filter(({ age }) => age > 3_600_000)
  await Promise.all(forgotten.map(({ path }) => rm(path, { recursive: true, force: true })))
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const skipped = new Set(['node_modules', 'dist', '.expo', 'tests', 'android', 'ios'])

/** A hash of the contents of files and folders, paths from the repository's root. */
async function hashSources(paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map((path) => listFiles(join(root, path))))).flat().sort()
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(`\0${relative(root, file)}\0`)
    hash.update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return []
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true })
  const below = entries
    .filter(({ name }) => !skipped.has(name) && !/\.test\.tsx?$/.test(name))
    .map((entry) => {
      const inside = join(path, entry.name)
      return entry.isDirectory() ? listFiles(inside) : [inside]
    })
  return (await Promise.all(below)).flat()
}

const compressible = /\.(js|css|html|json|svg|map|txt|ttf|webmanifest)$/
const worthwhileBytes = 1_024

/**
 * Puts a `.br` and a `.gz` beside every compressible file, so that serving needs no compression.
 */
async function precompress(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && compressible.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  await Promise.all(paths.map(compress))
}

async function compress(path: string) {
  const content = await readFile(path)
  if (content.length < worthwhileBytes) return
  const [small, common] = await Promise.all([
    // 9 of 11: the last two levels take ten times as long for two per cent.
    promisify(brotliCompress)(content, {
      params: { [zlib.BROTLI_PARAM_QUALITY]: 9, [zlib.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
    promisify(gzip)(content, { level: 9 }),
  ])
  await Promise.all([writeFile(`${path}.br`, small), writeFile(`${path}.gz`, common)])
}
