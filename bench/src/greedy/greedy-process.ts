import { once, setMaxListeners } from 'node:events'
import { constants, setPriority } from 'node:os'
import { createCaller } from './caller.ts'
import { type GreedyEnvironment, newTally } from './greedy-kind.ts'
import { type KindName, kinds } from './kinds.ts'

/** The greedy client, in a process of its own that ends with all its connections. Speaks by IPC. */
export interface GreedyTask {
  kind: KindName
  scene: GreedyEnvironment
}

// In life it is another machine: here it leaves the cores to the servers first.
setPriority(constants.priority.PRIORITY_LOW)
process.on('disconnect', () => process.exit(1))
const [{ kind, scene }] = (await once(process, 'message')) as [GreedyTask]
const tally = newTally()
const stopping = new AbortController()
// Hundreds of connections wait for the one signal.
setMaxListeners(0, stopping.signal)
const caller = createCaller({ url: scene.url, address: scene.account.address })
const push = await kinds[kind].prepare({ scene, caller, tally, signal: stopping.signal })
process.send?.('prepared')
await once(process, 'message')
void push()
await once(process, 'message')
stopping.abort()
process.send?.(tally, () => process.exit(0))
