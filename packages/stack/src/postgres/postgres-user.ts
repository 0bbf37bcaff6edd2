import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { StartFailure } from '../start-failure.ts'

const run = promisify(execFile)

/** Under root, the ids of the `postgres` user, which is made when missing: PostgreSQL refuses to run as root. Otherwise nothing. */
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
