import type { ClientRequest } from 'node:http'
import { isGone, isSuspect, type PooledNode } from './upstream-pool.ts'

const everyMs = 500

/** Why a request to a node that does not say anything any more was given up. */
export class NodeSilent extends Error {
  /** Whether another node shall be asked. */
  readonly canMove: boolean

  constructor(canMove: boolean) {
    super('The node fell silent')
    this.canMove = canMove
  }
}

/** Ends `onward` with `NodeSilent` once its node counts as gone, or is silent for a second while `canMove`. */
export function watchSilence(onward: ClientRequest, node: PooledNode, canMove: () => boolean): void {
  const timer = setInterval(() => {
    const leaves = isSuspect(node) && canMove()
    if (leaves || isGone(node)) onward.destroy(new NodeSilent(leaves))
  }, everyMs)
  onward.once('close', () => clearInterval(timer))
}
