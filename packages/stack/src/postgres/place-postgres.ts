import { createHash } from 'node:crypto'
import { cp, lstat, mkdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

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
 * Where PostgreSQL is run from and keeps its data. That is where npm put it and `home`, except under root in a folder
 * that its own user may not enter (a clone in `/root`): then both live in `/var/lib/finnigram`, and `home` links there.
 */
export async function placePostgres({
  home,
  installed,
  user,
}: {
  home: string
  installed: string
  user: User
}): Promise<PostgresPlace> {
  const data = join(home, 'postgres')
  return {
    binaries: (await canEnter(installed, user)) ? installed : await copyBinaries(installed),
    data: (await canEnter(home, user)) ? data : await linkData(data),
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

async function linkData(data: string) {
  const target = join(systemFolder, `data-${fingerprint(data)}`)
  await mkdir(target, { recursive: true, mode: 0o711 })
  if (!(await exists(data))) await symlink(join(target, 'postgres'), data)
  return join(target, 'postgres')
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  )

const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
