import { cpus } from 'node:os'

/** Tells what share of the machine's cores was at work since the call, from 0 to 1: servers, devices and whatever else ran on it. */
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
