import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '../start-failure.ts'
import { isRunning, processIdentity } from './process-identity.ts'

interface LockContent {
  pid: number
  identity: string
  url?: string
}

export interface HomeLock extends AsyncDisposable {
  /** Says in the lock where this stack answers, for the message a second start shows and for `spawnStack`. */
  announce(url: string): Promise<void>
}

/** Takes the one lock of `home`; fails when another stack runs there. A lock whose owner has died is taken over. */
export async function lockHome(home: string): Promise<HomeLock> {
  const path = join(home, 'stack.lock')
  const mine: LockContent = { pid: process.pid, identity: (await processIdentity(process.pid)) ?? '' }
  let wasStale = false
  while (!(await create(path, mine))) {
    const owner = await readLock(home)
    if (owner && (await isRunning(owner))) throw new StartFailure(takenSentence(home, owner))
    await removeStale(path, owner)
    wasStale = true
  }
  // Of several that found the same stale lock, one may have moved another's new lock aside for a moment.
  if (wasStale) await sleep(100)
  const owner = await readLock(home)
  if (owner?.identity !== mine.identity) throw new StartFailure(takenSentence(home, owner ?? mine))
  return {
    announce: (url) => replace(path, { ...mine, url }),
    [Symbol.asyncDispose]: () => rm(path, { force: true }),
  }
}

/** Who holds `home`, when someone does. */
async function readLock(home: string): Promise<LockContent | undefined> {
  const text = await readFile(join(home, 'stack.lock'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as LockContent)
}

function takenSentence(home: string, { pid, url }: LockContent) {
  const where = url ? ` at ${url}` : ''
  return `Finnigram already runs with its data in ${home}${where} (process ${pid}): stop that one first, or give this one its own FINNIGRAM_HOME and PORT.`
}

const draft = (path: string) => `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`

/** A hard link is made in one step and never over an existing name, so no two starts both succeed and no one reads half a lock. */
async function create(path: string, content: LockContent) {
  const temporary = draft(path)
  await writeFile(temporary, JSON.stringify(content))
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function replace(path: string, content: LockContent) {
  const temporary = draft(path)
  await writeFile(temporary, JSON.stringify(content))
  await rename(temporary, path)
}

/** Moves the lock aside before removing it, and puts it back when it turns out to be a newer one. */
async function removeStale(path: string, stale: LockContent | undefined) {
  const aside = draft(path)
  await rename(path, aside).catch(() => undefined)
  const moved = await readFile(aside, 'utf8').catch(() => undefined)
  if (moved !== undefined && moved !== JSON.stringify(stale)) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}
