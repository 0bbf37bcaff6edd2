/**
 * How a process of Node is started so that memory taken by a burst goes back to the system. Left alone, V8 doubles its
 * young generation up to 64 MiB, twice, and lets a young process's heap grow by hundreds of megabytes before it looks
 * through it. 16 MiB is what V8 had for years; a heap is looked through when it has doubled.
 */
export const memoryFlags: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=100']

/**
 * The same for what is outside of V8's heap, such as bytes that were read. The allocator of Linux (glibc) makes a heap
 * for each thread, up to eight for each core, and keeps blocks of up to 32 MiB for itself once it has seen such.
 */
export const memoryEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(4 * 2 ** 20),
}
