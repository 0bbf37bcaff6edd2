import type { Environment } from '../config.ts'
import { findOnPath } from '../process/find-on-path.ts'
import { runCommand } from '../process/run-command.ts'
import { StartFailure } from '../start-failure.ts'
import { installRedis } from './install-redis.ts'

const names = ['redis-server', 'valkey-server'] as const

interface FindOptions {
  environment: Environment
  signal?: AbortSignal | undefined
  onLine: (line: string) => void
}

/**
 * The path of a Redis server that is new enough for streams that count what was ever added,
 * installed when there is none.
 */
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
