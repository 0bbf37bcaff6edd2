import { setTimeout as sleep } from 'node:timers/promises'
import type { Action, DeviceFault } from '../generator/plan.ts'
import { applyDeviceFault } from './apply-device-fault.ts'
import type { Environment } from './operation.ts'
import { perform } from './perform.ts'

type Due = { at: number; begin: () => Promise<void> | void }

/**
 * Plays the plan from now on, each thing at its time, whatever the ones before it are still waiting
 * for. Resolves when the last one has begun.
 */
export async function runPlan(environment: Environment, onError: (error: unknown) => void): Promise<void> {
  const { plan, now, signal, pending } = environment
  const queues = new Map<number, Promise<unknown>>()
  const act = (action: Action) => {
    if (!isOneByOne.has(action.kind)) return perform(environment, action)
    const before = queues.get(action.device) ?? Promise.resolve()
    const next = before.then(() => perform(environment, action))
    queues.set(
      action.device,
      next.catch(() => undefined),
    )
    return next
  }
  const deviceFault = (one: DeviceFault) => applyDeviceFault(environment, one)
  const due: Due[] = [
    ...plan.actions.map((action) => ({ at: action.at, begin: () => act(action) })),
    ...plan.deviceFaults.map((one) => ({ at: one.at, begin: () => deviceFault(one) })),
  ].sort((a, b) => a.at - b.at)

  const begun = now()
  for (const { at, begin } of due) {
    const wait = begun + at - now()
    if (wait > 1) await sleep(wait, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const work = Promise.resolve().then(begin)
    pending.add(work)
    work.catch(onError).finally(() => pending.delete(work))
  }
}

/** One device makes these calls one after the other, so that their order is known. */
const isOneByOne = new Set<Action['kind']>(['call', 'forward', 'batch'])
