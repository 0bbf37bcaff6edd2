import type { Metrics } from '@finnigram/service-kit'

/** Gauges that are read at each scrape. */
export interface Counted {
  sockets: () => number
  joining: () => number
}

/** Metrics of the realtime service. */
export function createRealtimeMetrics(metrics: Metrics, counted: Counted) {
  metrics.gauge('realtime_sockets', 'Sockets that are connected', { collect: counted.sockets })
  metrics.gauge('realtime_joining', 'Sockets that are not ready yet', { collect: counted.joining })
  return {
    shed: metrics.counter(
      'realtime_turned_away_total',
      'New connections shed with a Retry-After, before any work',
      ['reason'],
    ),
    ready: metrics.counter('realtime_ready_total', 'Sockets that became ready'),
    refused: metrics.counter('realtime_refused_total', 'Handshakes that were refused', ['code']),
    presence: metrics.counter(
      'realtime_presence_changes_total',
      'Changes of status of people who are watched',
      ['status'],
    ),
    frames: metrics.counter('realtime_frames_total', 'Frames written to sockets', ['event']),
    events: metrics.counter(
      'realtime_events_total',
      'Events read from streams that concern a socket of this node',
    ),
    repeated: metrics.counter('realtime_repeated_total', 'Events read again, which were left out'),
    delay: metrics.histogram('realtime_delay_seconds', 'Seconds from an event to its emission'),
    gaps: metrics.counter('realtime_gaps_total', 'Times that events may have been missed'),
    closed: metrics.counter('realtime_closed_total', 'Sockets that this node closed', ['reason']),
    clientEvents: metrics.counter('realtime_client_events_total', 'Events sent by clients', [
      'event',
      'outcome',
    ]),
  }
}

export type RealtimeMetrics = ReturnType<typeof createRealtimeMetrics>
