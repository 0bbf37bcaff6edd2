import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError, type Metrics } from '@finnigram/service-kit'

/** How long a measurement is valid, in milliseconds. */
const freshMs = 1000

/** The disk on which files are kept or worked on, which a database may share. */
export interface DiskSpace {
  /** Whether more than the reserve is free. */
  isSpared(): Promise<boolean>
  /** Throws `unavailable` if so many more bytes would leave less than the reserve. */
  require(bytes: number): Promise<void>
}

export interface WithDiskSpace {
  readonly disk: DiskSpace
}

/** Watches the disk of a folder, which may not be there yet. */
export function createDiskSpace({
  folder,
  reserve,
  metrics,
}: {
  folder: string
  /** Bytes that stay free. */
  reserve: number
  metrics: Metrics
}): DiskSpace {
  const gauge = metrics.gauge(
    'files_disk_free_bytes',
    'Free bytes on the disk of the files, less the reserve',
  )
  const refused = metrics.counter(
    'files_disk_refused_total',
    'Requests refused because the disk of the files is full',
  )
  let measured = { at: Number.NEGATIVE_INFINITY, free: 0 }
  const measure = async () => {
    if (performance.now() - measured.at < freshMs) return measured.free
    const free = (await freeOf(resolve(folder))) - reserve
    gauge.set(free)
    measured = { at: performance.now(), free }
    return free
  }
  return {
    isSpared: async () => (await measure()) >= 0,
    async require(bytes) {
      if ((await measure()) >= bytes) return
      refused.inc()
      throw new AppError('unavailable', { detail: 'There is no room for files right now', retryAfter: 10 })
    },
  }
}

async function freeOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing || folder === dirname(folder)) throw error
    return freeOf(dirname(folder))
  }
}
