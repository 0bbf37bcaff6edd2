/** Every wait of the client, in milliseconds. */
export interface Timing {
  /** A REST call is given up after this. */
  callTimeoutMs: number
  /** A socket request is given up after this. */
  ackTimeoutMs: number
  /** The handshake, from dial to `ready`, is given up after this. */
  connectTimeoutMs: number
  /** An answer to the check made when the app comes to the front. */
  heartbeatTimeoutMs: number
  /** First and longest wait between tries; the waits in between grow and are jittered fully. */
  retryBaseMs: number
  retryMaxMs: number
  /**
   * Longest wait between tries of urgent work while the server can be reached: sending a message,
   * catching up, filling a gap. `Retry-After` overrides it.
   */
  repairMaxMs: number
  /**
   * After the server dropped the socket the first try is spread over this, unless the server named
   * a time.
   */
  firstTryMs: number
  /** How often `/v1/sync` is asked while the socket cannot connect. */
  pollMs: number
  /** At most one read and one delivered marker per conversation in this time. */
  markerMs: number
  /** A draft is uploaded once typing rested this long. */
  draftMs: number
  /** At most one typing notice per conversation in this time. */
  typingMs: number
}

export const usualTiming: Timing = {
  callTimeoutMs: 15_000,
  ackTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  heartbeatTimeoutMs: 4_000,
  retryBaseMs: 500,
  retryMaxMs: 30_000,
  repairMaxMs: 3_000,
  firstTryMs: 4_000,
  pollMs: 15_000,
  markerMs: 300,
  draftMs: 1_500,
  typingMs: 3_000,
}
