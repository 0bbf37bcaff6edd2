const checkEveryMs = 1000

/** Calls `onGone` once when the process that started this one ends: its IPC channel closes, or the process named by `FINNIGRAM_PARENT_PID` is no more. */
export function watchParent(onGone: () => void): void {
  if (process.channel) {
    process.once('disconnect', onGone)
    process.channel.unref()
  }
  const parent = Number(process.env['FINNIGRAM_PARENT_PID'])
  if (!Number.isInteger(parent) || parent <= 0) return
  const timer = setInterval(() => {
    if (isAlive(parent)) return
    clearInterval(timer)
    onGone()
  }, checkEveryMs)
  timer.unref()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
