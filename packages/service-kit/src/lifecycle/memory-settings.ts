/**
 * Flags for Node with which memory of a burst goes back to the system. By default V8 grows its two
 * semi-spaces to 64 MiB each, and the heap by hundreds of megabytes before a full collection. 16
 * MiB was V8's default for years; a full collection now runs when the heap has doubled.
 */
export const memoryFlags: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=100']

/**
 * The same for memory outside V8's heap, such as buffers. glibc's allocator makes an arena for each
 * thread, up to eight a core, and after large blocks it keeps blocks of up to 32 MiB for itself.
 */
export const memoryEnvironment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(4 * 2 ** 20),
}
