/** A connection of Engine.IO, as far as it is counted. */
interface PacketSource {
  on(event: 'data', listener: (this: PacketSource) => void): unknown
  close(discard: boolean): unknown
}

/** Packets a second, whatever they are: far above what the limit of events allows. */
const perSecond = 500
const windowMs = 1000

/**
 * Ends connections that flood the server with what never becomes an event, such as joining namespaces that do not
 * exist. `scale` multiplies the limit.
 */
export function createPacketLimit(scale: number): (connection: PacketSource) => void {
  const windows = new WeakMap<PacketSource, { since: number; packets: number }>()

  function count(this: PacketSource) {
    const now = performance.now()
    const current = windows.get(this)
    if (!current || now - current.since > windowMs) windows.set(this, { since: now, packets: 1 })
    else if (current.packets < perSecond * scale) current.packets += 1
    else this.close(true)
  }
  return (connection) => void connection.on('data', count)
}
