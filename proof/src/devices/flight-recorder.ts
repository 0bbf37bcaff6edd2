import type { Change as DiskChange } from '@finnigram/client'
import type { Conversation, Message } from '@finnigram/contracts'
import type { DeviceHistory, Moment, Send } from '../history/history.ts'
import { createMarkerRecord, type MarkerRecord } from './marker-record.ts'
import type { RunClock } from './run-clock.ts'

/** A message that a person at this device may pick to answer, edit or react to. */
export interface KnownMessage {
  id: string
  seq: number
  senderId: string
  isText: boolean
}

/** How many messages of a conversation are remembered to be picked. */
const mostRecent = 30

/**
 * Notes what a device is told, over all of its lives, from what it writes to its disk: only that
 * survives, so only that counts.
 */
export class FlightRecorder {
  readonly sends = new Map<string, Send>()
  /** When each message came as news. */
  readonly arrivals = new Map<string, Moment>()
  readonly heard = new Map<number, Moment>()
  readonly markers: MarkerRecord = createMarkerRecord()
  /** Ids of queued messages by the number of their text. */
  readonly queued = new Map<number, string>()
  /** When the disk was last written to. */
  lastWrittenAt: Moment = 0
  readonly recent = new Map<string, KnownMessage[]>()
  /** Version by conversation, as the device has it. */
  readonly versions = new Map<string, number>()
  readonly #told = new Map<string, [number, Moment][]>()
  readonly #lastSeqs = new Map<string, number>()
  readonly #waiting = new Set<string>()
  readonly #untoldReads = new Set<string>()
  readonly #now: RunClock
  constructor(now: RunClock) {
    this.#now = now
  }

  /** How many messages wait in the device's outbox. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether the person read something on this device that the server was not told yet. */
  get hasUntoldReads(): boolean {
    return this.#untoldReads.size > 0
  }

  waitingIds(): string[] {
    return [...this.#waiting]
  }

  isWaiting(id: string): boolean {
    return this.#waiting.has(id)
  }

  /** The server knows that this device has a conversation up to there. */
  told(conversationId: string, seq: number): void {
    const steps = this.#told.get(conversationId) ?? []
    this.#told.set(conversationId, steps)
    if (seq > (steps.at(-1)?.[0] ?? 0)) steps.push([seq, this.#now()])
  }

  hears(number: number): void {
    if (!this.heard.has(number)) this.heard.set(number, this.#now())
  }

  written(changes: readonly DiskChange[]): void {
    const at = this.#now()
    this.lastWrittenAt = at
    const known = new Map(this.#lastSeqs)
    for (const change of changes) {
      if (change.op === 'put' && change.table === 'messages') {
        const { id, seq, conversationId } = change.value
        // A page of history that is loaded is no news.
        const isNews = seq > (known.get(conversationId) ?? Number.POSITIVE_INFINITY)
        if (isNews && !this.arrivals.has(id)) this.arrivals.set(id, at)
        this.#stored(change.value)
      } else if (change.op === 'put' && change.table === 'conversations') {
        this.#conversation(change.value.conversation)
      } else if (change.op === 'put' && change.table === 'outbox') {
        const { id, conversationId, state, message, text, replyToId } = change.value
        this.#wrote(id, text)
        const send = this.enqueued({ id, conversationId, via: 'queue', carries: replyToId ?? null })
        if (state === 'waiting') this.#waiting.add(id)
        else this.#waiting.delete(id)
        if (state === 'failed') send.refused = true
        if (message) this.acknowledged(id, message.seq)
      } else if (change.op === 'put' && change.table === 'reads') {
        this.#untoldReads.add(change.key)
      } else if (change.op === 'delete') {
        if (change.table === 'reads') this.#untoldReads.delete(change.key)
        if (change.table === 'outbox') this.#waiting.delete(change.key)
        if (change.table === 'conversations') this.#gone(change.key)
      }
    }
  }

  /** A message that the device means to send from now on. */
  enqueued(send: Pick<Send, 'id' | 'conversationId' | 'via' | 'carries'>): Send {
    const known = this.sends.get(send.id)
    if (known) return known
    const made: Send = { ...send, enqueuedAt: this.#now(), acknowledgedAt: null, seq: null, refused: false }
    this.sends.set(send.id, made)
    return made
  }

  acknowledged(id: string, seq: number): void {
    const send = this.sends.get(id)
    if (!send || send.acknowledgedAt !== null) return
    send.acknowledgedAt = this.#now()
    send.seq = seq
  }

  history(): Pick<DeviceHistory, 'sends' | 'arrivals' | 'told' | 'markers' | 'heard'> {
    return {
      sends: [...this.sends.values()],
      arrivals: [...this.arrivals],
      told: [...this.#told].map(([conversationId, steps]) => ({ conversationId, steps })),
      markers: this.markers.rows(),
      heard: [...this.heard],
    }
  }

  /** A message of mine that comes as an event is acknowledged by that, too. */
  #stored({ id, seq, senderId, conversationId, kind, deletedAt }: Message): void {
    this.acknowledged(id, seq)
    const known = (this.recent.get(conversationId) ?? []).filter((one) => one.id !== id)
    known.push({ id, seq, senderId, isText: kind === 'text' && deletedAt === null })
    this.recent.set(conversationId, known.slice(-mostRecent))
  }

  #conversation({ id, version, lastSeq, participants }: Conversation): void {
    this.#lastSeqs.set(id, lastSeq)
    this.versions.set(id, version)
    this.markers.see(id, participants)
  }

  #wrote(id: string, text: string): void {
    const [number] = marksIn(text)
    if (number !== undefined) this.queued.set(number, id)
  }

  #gone(conversationId: string): void {
    this.versions.delete(conversationId)
    this.#lastSeqs.delete(conversationId)
    this.recent.delete(conversationId)
    this.markers.forget(conversationId)
  }
}

/**
 * How a text carries its number: at its beginning, so that an answer that quotes it carries it too.
 */
export const toMark = (number: number) => `[[${String(number).padStart(8, '0')}]]`

const markLength = 12
const pattern = /\[\[(\d{8})\]\]/g

/** The numbers of all texts that stand in a text. */
export const marksIn = (text: string): number[] =>
  [...text.matchAll(pattern)].map(([, digits]) => Number(digits))

/**
 * Finds the numbers of texts in a stream of bytes, also where a chunk ends in the middle of one.
 */
export function createTextScanner(onText: (number: number) => void): (chunk: Buffer) => void {
  let end = ''
  return (chunk) => {
    const text = end + chunk.toString('latin1')
    for (const number of marksIn(text)) onText(number)
    end = text.slice(-(markLength - 1))
  }
}
