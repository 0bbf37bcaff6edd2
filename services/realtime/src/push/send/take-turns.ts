/** A function whose calls resolve one in each turn of the event loop: work that takes a millisecond each does not keep everything else waiting when there is much of it. */
export function takeTurns(): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
