import { Fleeting } from '@finnigram/contracts'
import type { RealtimeContext } from '../context.ts'
import { tellTyping } from './tell-typing.ts'

type FleetingKind = Fleeting['t']
type DataOf<K extends FleetingKind> = Extract<Fleeting, { t: K }>['data']
type FleetingHandlers = { [K in FleetingKind]: (ctx: RealtimeContext, data: DataOf<K>) => void }

/** What each fleeting notice means to connected clients. */
const handlers: FleetingHandlers = {
  typing: tellTyping,
  markers: ({ markers }, moved) => {
    for (const marker of moved) markers.add(marker)
  },
  presence: ({ presence }, seen) => presence.hear(seen),
}

/** Passes on what nodes and services say over pub/sub. Throws when that cannot be read. */
export function hearFleeting(ctx: RealtimeContext, message: string): void {
  handle(ctx, Fleeting.parse(JSON.parse(message)))
}

function handle<K extends FleetingKind>(ctx: RealtimeContext, { t, data }: { t: K; data: DataOf<K> }): void {
  const handler: FleetingHandlers[K] = handlers[t]
  handler(ctx, data)
}
