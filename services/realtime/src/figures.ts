import type { Metrics } from '@finnigram/service-kit'
import type { RealtimeServer } from './connection.ts'

/** What operators see of this service. */
export function createFigures(metrics: Metrics, io: RealtimeServer) {
  const sockets = metrics.gauge('realtime_sockets', 'Sockets that are connected')
  Reflect.set(sockets, 'collect', () => sockets.set(io.sockets.sockets.size))
  return {
    refused: metrics.counter('realtime_refused_total', 'Handshakes that were refused', ['code']),
    frames: metrics.counter('realtime_frames_total', 'Frames written to sockets', ['event']),
    events: metrics.counter('realtime_events_total', 'Facts read that concern someone here'),
    repeated: metrics.counter('realtime_repeated_total', 'Facts read again, which were left out'),
    delay: metrics.histogram('realtime_delay_seconds', 'From the moment of a fact to its emission'),
    gaps: metrics.counter('realtime_gaps_total', 'Times something may have been missed'),
    closed: metrics.counter('realtime_closed_total', 'Sockets that this node closed', ['reason']),
    answered: metrics.counter('realtime_client_events_total', 'Events of clients', ['event', 'outcome']),
  }
}

export type Figures = ReturnType<typeof createFigures>
