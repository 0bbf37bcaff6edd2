import { mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Links in mails are valid for a day at most. */
const keptMs = 7 * 24 * 60 * 60_000
const mostFiles = 10_000
/** Ids looked up in one query. */
const atOnce = 1_000

/**
 * Writes a mail atomically, readable by this user only: it may hold a link with a token. The file
 * name has the ids of the accounts the mail is about.
 */
export async function writeMailFile(
  dir: string,
  { id, userIds }: { id: string; userIds: readonly string[] },
  message: Parameters<typeof writeFile>[1],
): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, `${[...userIds, id].join('.')}.eml`)
  await writeFile(`${path}.new`, message, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Deletes the mails about a person, which hold their name. */
export async function deleteMailFilesAbout(dir: string, userId: string): Promise<void> {
  for (const name of await namesIn(dir)) if (ownersOf(name).includes(userId)) await remove(dir, name)
}

/**
 * Deletes mails older than a week, the oldest beyond ten thousand, and those about deleted accounts
 * (`findDeleted`). That includes mails written while their account was being deleted.
 */
export async function sweepMailFiles(
  dir: string,
  findDeleted: (userIds: string[]) => Promise<string[]>,
): Promise<void> {
  const oldest = Date.now() - keptMs
  const files: { name: string; at: number }[] = []
  for (const name of await namesIn(dir)) files.push({ name, at: await timeOf(dir, name) })
  files.sort((a, b) => b.at - a.at)
  const kept = files.filter(({ at }, index) => at >= oldest && index < mostFiles)
  for (const { name } of files.slice(kept.length)) await remove(dir, name)
  const owners = [...new Set(kept.flatMap(({ name }) => ownersOf(name)))]
  for (let from = 0; from < owners.length; from += atOnce) {
    const deleted = new Set(await findDeleted(owners.slice(from, from + atOnce)))
    for (const { name } of kept) if (ownersOf(name).some((id) => deleted.has(id))) await remove(dir, name)
  }
}

/** Files of older versions name nobody, and other programs' files may have any name. */
const ownersOf = (name: string) =>
  name
    .split('.')
    .slice(0, -2)
    .filter((part) => /^[0-9a-f-]{36}$/.test(part))

/** Mails, and unfinished files of processes that died. */
async function namesIn(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(unlessMissing([]))
  return names.filter((name) => /\.eml(\.new)?$/.test(name))
}

const timeOf = (dir: string, name: string) =>
  stat(join(dir, name)).then(({ mtimeMs }) => mtimeMs, unlessMissing(0))
const remove = (dir: string, name: string) => unlink(join(dir, name)).catch(unlessMissing(undefined))

/** Several nodes may share one folder, so a file may vanish. */
function unlessMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}
