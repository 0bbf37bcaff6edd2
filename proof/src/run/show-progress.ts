import type { World } from '../workload/world.ts'

const everyMs = 10_000

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Says now and then how far a run is. */
export function showProgress({ now, devices }: World): Disposable {
  const timer = setInterval(() => {
    const sends = devices.flatMap(({ recorder }) => [...recorder.sends.values()])
    const acknowledged = sends.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length
    const arrived = devices.reduce((sum, { recorder }) => sum + recorder.arrivals.size, 0)
    const on = devices.filter((device) => device.isCaughtUp).length
    say(
      `${String(Math.round(now() / 1000)).padStart(6)} s  ${sends.length} sent, ${acknowledged} acknowledged, ${arrived} on devices, ${on} of ${devices.length} devices up to date`,
    )
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
