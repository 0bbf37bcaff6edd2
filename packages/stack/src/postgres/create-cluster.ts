import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { commandLine, endProcess, processIdentity } from '../data-directory/orphan-processes.ts'
import { runCommand } from '../process/run-command.ts'
import type { PostgresPlace } from './place-postgres.ts'

interface NewCluster {
  place: PostgresPlace
  password: string
  user: { uid: number; gid: number } | undefined
  signal: AbortSignal | undefined
}

/**
 * Creates the cluster unless it exists: beside its place, then moved there, so that it is never
 * half done.
 */
export async function createCluster({ place, password, user, signal }: NewCluster): Promise<void> {
  if (await isThere(join(place.data, 'PG_VERSION'))) return
  const draft = `${place.data}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  if (user) await chown(draft, user.uid, user.gid)
  const passwordFile = join(tmpdir(), `finnigram-${randomUUID()}.pw`)
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    if (user) await chown(passwordFile, user.uid, user.gid)
    await runCommand(
      join(place.binaries, 'bin', 'initdb'),
      [
        `--pgdata=${draft}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        ...locale(),
      ],
      { environment: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, cwd: dirname(draft), user, signal },
    )
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rm(place.data, { recursive: true, force: true })
  await rename(draft, place.data)
  await chmod(place.data, 0o700)
}

/**
 * Collation is PostgreSQL's own C.UTF-8, which no upgrade of the system can change under the
 * indexes. The system's character classes serve only pg_trgm, which asks them what a letter is.
 */
function locale() {
  const ctype = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'
  return [
    '--encoding=UTF8',
    '--locale=C',
    `--lc-ctype=${ctype}`,
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ]
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/**
 * Clears what a killed run left: shuts down a server that still runs, and removes a
 * `postmaster.pid` whose number belongs to another program now, as PostgreSQL would refuse to
 * start.
 */
export async function clearStaleCluster(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid')
  const text = await readFile(path, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!Number.isInteger(pid)) return
  const identity = await processIdentity(pid)
  if (identity === undefined) return
  if (!(await commandLine(pid)).includes('postgres')) {
    await rm(path, { force: true })
    return
  }
  await endProcess({ pid, identity, stopSignal: 'SIGINT' }, 15_000)
}
