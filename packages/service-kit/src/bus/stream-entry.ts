/** An entry of a stream as the relay writes it. */
export interface StreamEntry {
  readonly stream: string
  /** Redis stream id, `milliseconds-sequence`. */
  readonly id: string
  readonly type: string
  readonly key: string
  /** JSON text. */
  readonly payload: string
  readonly requestId: string | undefined
}

/** What XREAD and its kin answer: streams, each with its entries, each with flat fields; a deleted entry has none. */
export type RawEntry = [id: string, fields: string[] | null]
export type RawStreams = [stream: string, entries: RawEntry[]][]

export function toStreamEntry(stream: string, [id, fields]: RawEntry): StreamEntry {
  const entry = { stream, id, type: '', key: '', payload: '', requestId: undefined as string | undefined }
  for (let i = 0; fields && i + 1 < fields.length; i += 2) {
    const value = fields[i + 1]
    switch (fields[i]) {
      case 'type':
        entry.type = value ?? ''
        break
      case 'key':
        entry.key = value ?? ''
        break
      case 'payload':
        entry.payload = value ?? ''
        break
      case 'requestId':
        entry.requestId = value
        break
    }
  }
  return entry
}
