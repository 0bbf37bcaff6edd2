import type { EventEmitter } from 'node:events'

/** Adds listeners that are removed on disposal, for an emitter that lives longer. */
export function listen(
  emitter: EventEmitter,
  listeners: Readonly<Record<string, Parameters<EventEmitter['on']>[1]>>,
): Disposable {
  const all = Object.entries(listeners)
  for (const [event, listener] of all) emitter.on(event, listener)
  return {
    [Symbol.dispose]() {
      for (const [event, listener] of all) emitter.off(event, listener)
    },
  }
}
