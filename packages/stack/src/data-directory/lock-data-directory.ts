import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ServiceName } from '../services/service-environment.ts'
import { StartFailure } from '../start-failure.ts'

interface Owner {
  pid: number
  url?: string
  /** Where its services answer, for the operator's commands. */
  services?: ServiceUrls
}

/** The URL of one node of each service. */
export type ServiceUrls = Record<ServiceName, string>

export interface DataDirectoryLock extends AsyncDisposable {
  /** Records where this stack answers, for the message of a second start. */
  announce(url: string, services?: ServiceUrls): Promise<void>
}

/** SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5

/**
 * Takes the lock of a data directory; fails when another stack runs there. The kernel holds it, by
 * way of an empty SQLite database. It ends with its process, however that dies, so no lock is
 * stale.
 */
export async function lockDataDirectory(dataDirectory: string): Promise<DataDirectoryLock> {
  const lock = new DatabaseSync(join(dataDirectory, 'home.lock'), { timeout: 0 })
  try {
    // IMMEDIATE decides in one step. EXCLUSIVE takes two, and two stacks could block each other.
    lock.exec('BEGIN IMMEDIATE')
  } catch (error) {
    lock.close()
    throw isBusy(error)
      ? new StartFailure(inUseMessage(dataDirectory, await readOwner(dataDirectory)))
      : error
  }
  const write = (owner: Owner) => writeOwner(dataDirectory, owner)
  try {
    await write({ pid: process.pid })
  } catch (error) {
    lock.close()
    throw error
  }
  return {
    announce: (url, services) => write({ pid: process.pid, url, ...(services ? { services } : {}) }),
    [Symbol.asyncDispose]: async () => lock.close(),
  }
}

const isBusy = (error: unknown) => error instanceof Error && 'errcode' in error && error.errcode === BUSY

const ownerFile = (dataDirectory: string) => join(dataDirectory, 'stack.json')

async function writeOwner(dataDirectory: string, owner: Owner) {
  const draft = `${ownerFile(dataDirectory)}.new`
  await writeFile(draft, JSON.stringify(owner))
  await rename(draft, ownerFile(dataDirectory))
}

/** The stack that runs in a data directory, or ran there last; undefined if none ever did. */
export async function readOwner(dataDirectory: string): Promise<Owner | undefined> {
  const text = await readFile(ownerFile(dataDirectory), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Owner)
}

function inUseMessage(dataDirectory: string, owner: Owner | undefined) {
  const where = owner?.url ? ` at ${owner.url}` : ''
  const who = owner ? ` (process ${owner.pid})` : ''
  return `Finnigram already runs with its data in ${dataDirectory}${where}${who}: stop that one first, or give this one its own FINNIGRAM_HOME and PORT.`
}
