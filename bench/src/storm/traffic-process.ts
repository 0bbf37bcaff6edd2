import { once } from 'node:events'
import { startTraffic, type TrafficPlan } from './other-traffic.ts'

/**
 * The other traffic in a process of its own, because thousands of clients in one process would keep
 * its clock waiting. Speaks by IPC.
 */
const [plan] = (await once(process, 'message')) as [TrafficPlan]
const traffic = startTraffic(plan)
process.on('disconnect', () => process.exit(1))
await once(process, 'message')
const record = await traffic.stop()
process.send?.(record, () => process.exit(0))
