import { all, type Capability, type Trial, tryOut } from './capabilities.ts'
import { cpuMs } from './cpu-time.ts'
import type { RunningProduct } from './running-product.ts'

export type Survey = Record<string, Trial>

/** Tries everything at once. */
export async function probeCapabilities(
  product: RunningProduct,
  capabilities: readonly Capability[] = all,
): Promise<Survey> {
  const trials = await Promise.all(
    capabilities.map(async (capability) => [capability, await tryOut(product, capability)] as const),
  )
  return Object.fromEntries(trials)
}

/** The outcome of each thing, without its time. */
export const outcomes = (found: Survey) =>
  Object.fromEntries(Object.entries(found).map(([name, { outcome }]) => [name, outcome]))

/**
 * Asks for each thing again and again, ten times a second, until it works; how long that took, in
 * milliseconds that were given.
 */
export async function untilWell(
  product: RunningProduct,
  capabilities: readonly Capability[] = all,
): Promise<number> {
  const begun = cpuMs()
  const times = await Promise.all(
    capabilities.map(async (capability) => {
      for (;;) {
        const { outcome } = await tryOut(product, capability)
        if (outcome === 'works') return cpuMs() - begun
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }),
  )
  return Math.max(0, ...times)
}
