/**
 * Calls `look` until it returns without throwing, and returns what it returned; after `within`
 * milliseconds (15,000 when not said) throws its last error.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  { within = 15_000, every = 20 } = {},
): Promise<T> {
  const deadline = performance.now() + within
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, every))
    }
  }
}
