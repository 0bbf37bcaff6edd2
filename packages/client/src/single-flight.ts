/**
 * Runs `work` under `key`, never twice at once: a call during a run shares one more run after it.
 */
export type SingleFlight = <T>(key: string, work: () => Promise<T>) => Promise<T>

interface Flight {
  running: Promise<unknown>
  next: Promise<unknown> | null
}

export function createSingleFlight(): SingleFlight {
  const flights = new Map<string, Flight>()

  const start = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const running = work()
    const flight: Flight = { running, next: null }
    flights.set(key, flight)
    const done = () => {
      if (flights.get(key) === flight && !flight.next) flights.delete(key)
    }
    running.then(done, done)
    return running
  }
  return <T>(key: string, work: () => Promise<T>) => {
    const flight = flights.get(key)
    if (!flight) return start(key, work)
    const again = () => start(key, work)
    flight.next ??= flight.running.then(again, again)
    return flight.next as Promise<T>
  }
}
