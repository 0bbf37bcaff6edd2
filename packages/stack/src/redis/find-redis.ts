import type { Environment } from '../config.ts'
import { findOnPath, runCommand } from '../process/run-command.ts'
import { StartFailure } from '../start-failure.ts'

const names = ['redis-server', 'valkey-server'] as const

interface FindOptions {
  environment: Environment
  signal?: AbortSignal | undefined
  onLine: (line: string) => void
}

/** The path of a Redis 7 or Valkey server, which is installed when there is none. */
export async function findRedis(options: FindOptions): Promise<string> {
  const { environment } = options
  const path = (await findOnPath(names, environment)) ?? (await installAndFind(options))
  const version = await runCommand(path, ['--version'], { environment })
  const [, major = 0, minor = 0] = (/v=(\d+)\.(\d+)/.exec(version) ?? []).map(Number)
  if (major >= 7) return path
  throw new StartFailure(
    `${path} is version ${major}.${minor}, and Finnigram needs Redis 7 or later: upgrade it, or set REDIS_URL to one that runs.`,
  )
}

async function installAndFind(options: FindOptions) {
  await installRedis(options)
  const path = await findOnPath(names, options.environment)
  if (path) return path
  throw new StartFailure(
    'Redis was installed, but redis-server is not on the PATH: add its folder, or set REDIS_URL to one that runs.',
  )
}

/** Package managers with their commands, in the order they are looked for. */
const managers: Record<string, { needsRoot: boolean; commands: string[][] }> = {
  'apt-get': {
    needsRoot: true,
    commands: [
      ['update', '-q'],
      ['install', '-q', '-y', '--no-install-recommends', 'redis-server'],
    ],
  },
  dnf: { needsRoot: true, commands: [['install', '-y', 'valkey']] },
  apk: { needsRoot: true, commands: [['add', '--no-cache', 'valkey']] },
  pacman: { needsRoot: true, commands: [['-Sy', '--noconfirm', 'valkey']] },
  brew: { needsRoot: false, commands: [['install', 'valkey']] },
}

interface InstallOptions {
  environment: Environment
  signal?: AbortSignal | undefined
  onLine: (line: string) => void
}

/**
 * Installs Redis or Valkey by the system's package manager; a `StartFailure` says how to do it by
 * hand.
 */
async function installRedis({ environment, signal, onLine }: InstallOptions): Promise<void> {
  const [manager, path] = await findManager(environment)
  const { needsRoot, commands } = managers[manager] ?? { needsRoot: false, commands: [] }
  const isRoot = process.getuid?.() === 0
  const words = commands.at(-1)?.filter((word) => !word.startsWith('--') && word !== '-q')
  const byHand = `${needsRoot ? 'sudo ' : ''}${manager} ${words?.join(' ')}`
  for (const args of commands) {
    const [command, ...rest] = needsRoot && !isRoot ? ['sudo', '-n', path, ...args] : [path, ...args]
    try {
      await runCommand(command ?? path, rest, {
        environment: { ...environment, DEBIAN_FRONTEND: 'noninteractive' },
        signal,
        onLine,
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new StartFailure(
        `Finnigram needs Redis, and installing it did not work: run \`${byHand}\`, or set REDIS_URL to one that runs.\n${error instanceof Error ? error.message : error}`,
      )
    }
  }
}

async function findManager(environment: Environment): Promise<[string, string]> {
  for (const manager of Object.keys(managers)) {
    const path = await findOnPath([manager], environment)
    if (path) return [manager, path]
  }
  throw new StartFailure(
    'Finnigram needs Redis and found neither redis-server nor valkey-server, nor a package manager to install one: install Redis 7 or later, or set REDIS_URL to one that runs.',
  )
}
