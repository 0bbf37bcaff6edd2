import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ServiceName } from '../services/service-environment.ts'
import { StartFailure } from '../start-failure.ts'

interface Owner {
  pid: number
  url?: string
  /** Where its services answer, for the commands of an operator. */
  services?: ServiceUrls
}

/** An address of a node of each service. */
export type ServiceUrls = Record<ServiceName, string>

export interface DataDirectoryLock extends AsyncDisposable {
  /** Says where this stack answers, for the message a second start shows. */
  announce(url: string, services?: ServiceUrls): Promise<void>
}

/** What SQLite calls a lock that another connection holds: SQLITE_BUSY. */
const BUSY = 5

/**
 * Takes the one lock of `home`; fails when another stack runs there. The lock is the kernel's, by way of an empty SQLite
 * database: it ends with its process however that dies, so there is no stale lock to tell from a living one.
 */
export async function lockDataDirectory(home: string): Promise<DataDirectoryLock> {
  const lock = new DatabaseSync(join(home, 'home.lock'), { timeout: 0 })
  try {
    // One step decides it. An exclusive one takes two, and of two that come at once each may keep the other from its second.
    lock.exec('BEGIN IMMEDIATE')
  } catch (error) {
    lock.close()
    throw isBusy(error) ? new StartFailure(inUseMessage(home, await readOwner(home))) : error
  }
  const say = (owner: Owner) => writeOwner(home, owner)
  try {
    await say({ pid: process.pid })
  } catch (error) {
    lock.close()
    throw error
  }
  return {
    announce: (url, services) => say({ pid: process.pid, url, ...(services ? { services } : {}) }),
    [Symbol.asyncDispose]: async () => lock.close(),
  }
}

const isBusy = (error: unknown) => error instanceof Error && 'errcode' in error && error.errcode === BUSY

const ownerFile = (home: string) => join(home, 'stack.json')

async function writeOwner(home: string, owner: Owner) {
  const draft = `${ownerFile(home)}.new`
  await writeFile(draft, JSON.stringify(owner))
  await rename(draft, ownerFile(home))
}

/** Who runs in `home`, or ran there last; undefined where nobody ever did. */
export async function readOwner(home: string): Promise<Owner | undefined> {
  const text = await readFile(ownerFile(home), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Owner)
}

function inUseMessage(home: string, owner: Owner | undefined) {
  const where = owner?.url ? ` at ${owner.url}` : ''
  const who = owner ? ` (process ${owner.pid})` : ''
  return `Finnigram already runs with its data in ${home}${where}${who}: stop that one first, or give this one its own FINNIGRAM_HOME and PORT.`
}
