/** A connection of Engine.IO, as far as it is counted. */
interface RawConnection {
  on(event: 'data', listener: (this: RawConnection) => void): unknown
  close(discard: boolean): unknown
}

/** Packets a second, whatever they are: far above what the limit of events allows. */
const perSecond = 500
const windowMs = 1000

/**
 * Ends connections that flood the server with what never becomes an event, such as joining namespaces that do not
 * exist. `scale` multiplies the limit.
 */
export function createPacketLimit(scale: number): (connection: RawConnection) => void {
  const windows = new WeakMap<RawConnection, { since: number; packets: number }>()

  function count(this: RawConnection) {
    const now = performance.now()
    const current = windows.get(this)
    if (!current || now - current.since > windowMs) windows.set(this, { since: now, packets: 1 })
    else if (current.packets < perSecond * scale) current.packets += 1
    else this.close(true)
  }
  return (connection) => void connection.on('data', count)
}
