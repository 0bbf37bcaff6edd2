/** Told when the server answered that it knows what this device has. */
export type OnAcknowledged = (conversationId: string, seq: number) => void

export interface AcknowledgementWatch {
  /** A text frame of the device. */
  asked(text: string): void
  /** A text frame of the server. */
  answered(text: string): void
  /** Bytes of a connection that carries HTTP. */
  askedByCall(chunk: Buffer): void
  answeredByCall(chunk: Buffer): void
}

interface Marker {
  conversationId: string
  seq: number
}

const asking = /^42(\d+)\["(?:delivered|read)",(\{.*\})\]$/
const answering = /^43(\d+)\[\{"ok":true/
const calling = /^POST \/v1\/conversations\/([\w-]+)\/(?:delivered|read) /
const seqOf = /\{"seq":(\d+)\}/

/**
 * Reads off one connection which markers a device told and the server took, by socket or by REST.
 */
export function watchAcknowledgements(onAcknowledged: OnAcknowledged): AcknowledgementWatch {
  const waiting = new Map<string, Marker>()
  let called: { conversationId: string; seq: number | null } | null = null
  return {
    asked(text) {
      const [, id, data] = asking.exec(text) ?? []
      if (id !== undefined && data !== undefined) waiting.set(id, JSON.parse(data) as Marker)
    },
    answered(text) {
      const [, id = ''] = answering.exec(text) ?? []
      const marker = waiting.get(id)
      waiting.delete(id)
      if (marker) onAcknowledged(marker.conversationId, marker.seq)
    },
    askedByCall(chunk) {
      const text = chunk.toString('latin1')
      const [, conversationId] = calling.exec(text) ?? []
      if (conversationId !== undefined) called = { conversationId, seq: null }
      const [, seq] = seqOf.exec(text) ?? []
      if (called && seq !== undefined) called.seq = Number(seq)
    },
    answeredByCall(chunk) {
      const { conversationId, seq } = called ?? { conversationId: '', seq: null }
      called = null
      if (seq !== null && chunk.subarray(0, 12).equals(taken)) onAcknowledged(conversationId, seq)
    },
  }
}

const taken = Buffer.from('HTTP/1.1 204')
