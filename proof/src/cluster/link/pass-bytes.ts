import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { NetworkConditions } from './network-conditions.ts'

/**
 * Bytes that one direction of a connection holds back at most before it stops reading, so that the
 * sender feels it.
 */
const heldBytes = 1024 * 1024

/** Pieces a second in which a narrow link passes what it has. */
const piecesPerSecond = 20

interface Held {
  /** `undefined` stands for the end. */
  bytes: Buffer | undefined
  at: number
}

interface Direction {
  from: Socket
  to: Socket
  /** Sees each chunk before it is passed on; what it answers `true` to goes no further. */
  swallows?: (bytes: Buffer) => boolean
}

/**
 * Passes what comes from one socket on to another as the conditions allows, its end too, in order;
 * reads no faster than the other side takes.
 */
export function passBytes(
  { from, to, swallows = () => false }: Direction,
  conditions: NetworkConditions,
): void {
  const queue: Held[] = []
  let held = 0
  let isPassing = false

  const take = (bytes: Buffer | undefined) => {
    if (bytes && swallows(bytes)) return
    if (!isPassing && conditions.isUndisturbed) return passNow({ from, to }, bytes)
    queue.push({ bytes, at: performance.now() })
    held += bytes?.length ?? 0
    if (held > heldBytes) from.pause()
    if (!isPassing) void passQueue()
  }
  const passQueue = async () => {
    isPassing = true
    for (let first = queue[0]; first && !to.destroyed; first = queue[0]) {
      await passHeld(first, to, conditions)
      queue.shift()
      held -= first.bytes?.length ?? 0
      if (held <= heldBytes / 2) from.resume()
    }
    isPassing = false
  }
  from.on('data', take)
  from.on('end', () => take(undefined))
}

function passNow({ from, to }: Direction, bytes: Buffer | undefined) {
  if (!bytes) return void to.end()
  if (to.write(bytes)) return
  from.pause()
  to.once('drain', () => from.resume())
}

async function passHeld({ bytes, at }: Held, to: Socket, conditions: NetworkConditions) {
  await mayPass(at, conditions)
  if (!bytes) return void to.end()
  for (let start = 0; start < bytes.length; ) {
    await mayPass(at, conditions)
    const { sliceBytes = bytes.length, bytesPerSecond } = conditions.now
    const size = Math.min(
      sliceBytes,
      bytesPerSecond ? Math.ceil(bytesPerSecond / piecesPerSecond) : sliceBytes,
    )
    const piece = bytes.subarray(start, start + size)
    start += piece.length
    await new Promise((resolve) => to.write(piece, resolve))
    if (to.destroyed) return
    // Written in the same turn, pieces would leave together.
    if (start < bytes.length) await nextTurn()
    if (bytesPerSecond) await conditions.wait((piece.length / bytesPerSecond) * 1_000)
  }
}

/** Waits until what came at `at` is due. */
async function mayPass(at: number, conditions: NetworkConditions) {
  for (;;) {
    const { isSilent = false, delayMs = 0 } = conditions.now
    const restMs = at + delayMs - performance.now()
    if (!isSilent && restMs <= 0) return
    await conditions.wait(isSilent ? undefined : restMs)
  }
}

/**
 * PostgreSQL's ReadyForQuery outside of a transaction ends what it answers when something was
 * committed (or only read).
 */
const readyAndIdle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/**
 * Whether bytes of a PostgreSQL server say that what was asked is done and no transaction is open.
 */
export function tellsCommit(bytes: Buffer): boolean {
  return bytes.subarray(-readyAndIdle.length).equals(readyAndIdle)
}
