import { get } from 'node:http'
import type { PooledNode } from './upstream-pool.ts'

const everyMs = 500
/** A question whose connection hangs is given up and asked again; the silence counts from the first. */
const patienceMs = 10_000

/**
 * Asks every node twice a second whether it lives, never twice at once, and counts for how long it owes the answer: a
 * process that is stopped, or whose loop stands still, still takes connections and is not known to be down by anyone.
 * What is counted are turns of this process, for while it stands still itself it hears nobody.
 */
export function watchLiveness(nodes: readonly PooledNode[]): Disposable {
  const asked = new Set<PooledNode>()
  const ask = async (node: PooledNode) => {
    asked.add(node)
    const isOver = await hears(node)
    asked.delete(node)
    if (isOver) node.silentMs = 0
  }
  const timer = setInterval(() => {
    for (const node of nodes) {
      if (!node.isUp()) node.silentMs = 0
      else if (asked.has(node)) node.silentMs += everyMs
      else void ask(node)
    }
  }, everyMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Whether the node said anything, be it that it refuses; not when the time is up. */
function hears({ host, port }: PooledNode): Promise<boolean> {
  return new Promise((resolve) => {
    const question = get(
      { host, port, path: '/health/live', agent: false, timeout: patienceMs },
      (answer) => {
        answer.resume()
        resolve(true)
      },
    )
    question.once('timeout', () => {
      resolve(false)
      question.destroy()
    })
    question.once('error', () => resolve(true))
  })
}
