import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError, type Metrics } from '@finnigram/service-kit'

/** How long what was measured counts, in milliseconds. */
const freshMs = 1000

/** The disk on which files are kept or worked on, which a database may share. */
export interface DiskSpace {
  /** Whether the reserve is untouched. */
  isSpared(): Promise<boolean>
  /** Throws `unavailable` where so many bytes more would leave less than the reserve. */
  require(bytes: number): Promise<void>
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
    'What is free on the disk of the files, less the reserve',
  )
  const refused = metrics.counter(
    'files_disk_refused_total',
    'Bytes of files that were refused for want of room',
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
