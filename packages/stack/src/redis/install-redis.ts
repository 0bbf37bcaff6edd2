import type { Environment } from '../config.ts'
import { findOnPath } from '../process/find-on-path.ts'
import { runCommand } from '../process/run-command.ts'
import { StartFailure } from '../start-failure.ts'

/** What each package manager is told, in the order they are looked for. */
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

/** Installs Redis, or Valkey where that is what the system has, with its package manager; a `StartFailure` tells how to do it by hand. */
export async function installRedis({ environment, signal, onLine }: InstallOptions): Promise<void> {
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
