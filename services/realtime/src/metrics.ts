import type { Metrics } from '@finnigram/service-kit'

/** What is counted when somebody asks. */
export interface Counted {
  sockets: () => number
  joining: () => number
}

/** What operators see of this service. */
export function createRealtimeMetrics(metrics: Metrics, counted: Counted) {
  metrics.gauge('realtime_sockets', 'Sockets that are connected', { collect: counted.sockets })
  metrics.gauge('realtime_joining', 'Sockets that are not ready yet', { collect: counted.joining })
  return {
    shed: metrics.counter('realtime_turned_away_total', 'Connections told to come later, before any work', [
      'reason',
    ]),
    ready: metrics.counter('realtime_ready_total', 'Sockets that became ready'),
    refused: metrics.counter('realtime_refused_total', 'Handshakes that were refused', ['code']),
    presence: metrics.counter('realtime_presence_changes_total', 'How people who are watched stand anew', [
      'status',
    ]),
    frames: metrics.counter('realtime_frames_total', 'Frames written to sockets', ['event']),
    events: metrics.counter('realtime_events_total', 'Facts read that concern someone here'),
    repeated: metrics.counter('realtime_repeated_total', 'Facts read again, which were left out'),
    delay: metrics.histogram('realtime_delay_seconds', 'From the moment of a fact to its emission'),
    gaps: metrics.counter('realtime_gaps_total', 'Times something may have been missed'),
    closed: metrics.counter('realtime_closed_total', 'Sockets that this node closed', ['reason']),
    clientEvents: metrics.counter('realtime_client_events_total', 'Events of clients', ['event', 'outcome']),
  }
}

export type RealtimeMetrics = ReturnType<typeof createRealtimeMetrics>
