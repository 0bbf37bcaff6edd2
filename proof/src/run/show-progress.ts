import { cpus } from 'node:os'
import type { Moment, Span } from '../history/history.ts'
import type { Environment } from '../operations/operation.ts'

const everyMs = 10_000

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Says now and then how far a run is. */
export function showProgress({ now, devices }: Environment): Disposable {
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

/** As late as this a timer means that this process stood still, in milliseconds. */
const standstillMs = 1_000
const lookEveryMs = 100

/**
 * When this process stood still. Devices and push services live in it: while it does, none of them
 * answers, so such a time is a fault like any other. On a machine with time to spare there is none.
 */
export function watchStandstills(now: () => Moment): Disposable & { readonly spans: Span[] } {
  const spans: Span[] = []
  let last = now()
  const timer = setInterval(() => {
    const at = now()
    if (at - last > lookEveryMs + standstillMs) {
      spans.push({ from: last, to: at })
      say(`This process stood still for ${Math.round(at - last)} ms`)
    }
    last = at
  }, lookEveryMs)
  return { spans, [Symbol.dispose]: () => clearInterval(timer) }
}

/**
 * Tells what share of the machine's cores was at work since the call, from 0 to 1: servers, devices
 * and whatever else ran on it.
 */
export function watchBusy(): () => number {
  const before = readTimes()
  return () => {
    const after = readTimes()
    const all = after.all - before.all
    return all === 0 ? 0 : 1 - (after.idle - before.idle) / all
  }
}

function readTimes(): { idle: number; all: number } {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({
    idle,
    all: user + nice + sys + idle + irq,
  }))
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, { all }) => sum + all, 0),
  }
}
