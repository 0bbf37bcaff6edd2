import { findCircles, type ImportGraph, readImportGraph } from './import-graph.ts'
import { isTest, listSources } from './list-sources.ts'

/** Source files, tests left out: fewer places to open, each of them a concept. */
const mostSources = 750
/** Own files from the composer's send to the other person's bubble. */
const mostOnTheWay = 65

/** A stretch of the way on which one file reaches the other by imports. */
interface Hop {
  from: string
  to: string
}

interface Step {
  title: string
  hops: readonly Hop[]
}

/**
 * The way of a message, step by step: the files that handle it, not the tables and roots that also
 * import others. Between two hops it crosses a process, a socket or a function that was handed in,
 * which no import shows.
 */
const steps: readonly Step[] = [
  {
    title: 'The app: from the composer to the outbox',
    hops: [
      {
        from: 'apps/mobile/src/features/chat/chat.tsx',
        to: 'apps/mobile/src/features/chat/composer-input.tsx',
      },
      {
        from: 'apps/mobile/src/features/chat/chat.tsx',
        to: 'apps/mobile/src/features/chat/use-composing.ts',
      },
      { from: 'packages/client/src/messages/outbox.ts', to: 'packages/client/src/messages/outbox-entry.ts' },
    ],
  },
  {
    title: 'By REST, or on the socket',
    hops: [
      { from: 'packages/client/src/api/create-api.ts', to: 'packages/client/src/api/call-route.ts' },
      {
        from: 'packages/client/src/connection/reconnecting-socket.ts',
        to: 'packages/client/src/connection/socket-link.ts',
      },
      { from: 'packages/contracts/src/http/messages.ts', to: 'packages/contracts/src/message.ts' },
    ],
  },
  {
    title: 'The gateway',
    hops: [
      { from: 'packages/gateway/src/answer-request.ts', to: 'packages/gateway/src/route-request.ts' },
      { from: 'packages/gateway/src/answer-request.ts', to: 'packages/gateway/src/forward.ts' },
    ],
  },
  {
    title: 'realtime takes sends off sockets and calls messages',
    hops: [
      {
        from: 'services/realtime/src/client-events/dispatch.ts',
        to: 'services/realtime/src/client-events/handlers.ts',
      },
      {
        from: 'services/realtime/src/client-events/send-batcher.ts',
        to: 'packages/service-kit/src/limits/micro-batch.ts',
      },
      {
        from: 'packages/service-kit/src/internal/internal-client.ts',
        to: 'packages/service-kit/src/internal/http-client.ts',
      },
    ],
  },
  {
    title: 'messages: accept, batch, resolve references, store, settle',
    hops: [
      {
        from: 'packages/service-kit/src/http/serve-route.ts',
        to: 'packages/service-kit/src/http/validate.ts',
      },
      { from: 'packages/service-kit/src/http/serve-route.ts', to: 'packages/service-kit/src/http/reply.ts' },
      {
        from: 'services/messages/src/routes/message-routes.ts',
        to: 'services/messages/src/sends/accept-send.ts',
      },
      {
        from: 'services/messages/src/sends/accept-send.ts',
        to: 'services/messages/src/sends/settle-sends.ts',
      },
      {
        from: 'services/messages/src/sends/accept-send.ts',
        to: 'services/messages/src/text/consume-text.ts',
      },
      {
        from: 'services/messages/src/sends/send-batcher.ts',
        to: 'services/messages/src/sends/send-queue.ts',
      },
      {
        from: 'services/messages/src/sends/send-batcher.ts',
        to: 'services/messages/src/text/find-mentioned.ts',
      },
      { from: 'services/messages/src/sends/send-batcher.ts', to: 'services/messages/src/sends/excerpt.ts' },
      {
        from: 'services/messages/src/sends/send-batcher.ts',
        to: 'services/messages/src/sends/serialize-send.ts',
      },
    ],
  },
  {
    title: 'The relay: from the outbox table to Redis Streams',
    hops: [
      {
        from: 'packages/service-kit/src/outbox/relay.ts',
        to: 'packages/service-kit/src/outbox/take-entries.ts',
      },
      {
        from: 'packages/service-kit/src/outbox/relay.ts',
        to: 'packages/service-kit/src/outbox/publish-entries.ts',
      },
    ],
  },
  {
    title: 'realtime: from the stream to the sockets of the conversation',
    hops: [
      {
        from: 'packages/service-kit/src/bus/tail-streams.ts',
        to: 'packages/service-kit/src/bus/redis-streams.ts',
      },
      {
        from: 'services/realtime/src/fan-out/fan-out.ts',
        to: 'services/realtime/src/fan-out/emitted-versions.ts',
      },
      {
        from: 'services/realtime/src/fan-out/fan-out.ts',
        to: 'services/realtime/src/fan-out/conversation-events.ts',
      },
      { from: 'services/realtime/src/fan-out/fan-out.ts', to: 'services/realtime/src/wire/frame.ts' },
      {
        from: 'services/realtime/src/fan-out/conversation-events.ts',
        to: 'services/realtime/src/wire/rooms.ts',
      },
    ],
  },
  {
    title: 'The other device: ingest, reduce, store',
    hops: [
      { from: 'packages/client/src/sync/sync-engine.ts', to: 'packages/client/src/sync/ingest.ts' },
      { from: 'packages/client/src/sync/ingest.ts', to: 'packages/client/src/sync/reducer.ts' },
      { from: 'packages/client/src/sync/reducer.ts', to: 'packages/client/src/sync/message-reducer.ts' },
      { from: 'packages/client/src/replica/replica.ts', to: 'packages/client/src/replica/memory.ts' },
      { from: 'packages/client/src/replica/replica.ts', to: 'packages/client/src/replica/transaction.ts' },
      {
        from: 'packages/client/src/messages/message-list.ts',
        to: 'packages/client/src/messages/merge-timeline.ts',
      },
    ],
  },
  {
    title: 'The app: from the list to the bubble',
    hops: [
      { from: 'apps/mobile/src/features/chat/chat.tsx', to: 'apps/mobile/src/providers/use-client-data.ts' },
      { from: 'apps/mobile/src/features/chat/chat.tsx', to: 'apps/mobile/src/features/chat/build-rows.ts' },
      {
        from: 'apps/mobile/src/features/chat/message-list.tsx',
        to: 'apps/mobile/src/features/chat/bubble-content.tsx',
      },
      {
        from: 'apps/mobile/src/features/chat/bubble-content.tsx',
        to: 'apps/mobile/src/features/chat/message-text.ts',
      },
    ],
  },
]

/** The way of a message: the files on a shortest chain of imports of each hop. */
export function messageWay(): { title: string; files: string[]; broken: Hop[] }[] {
  const graph = readImportGraph({ types: false })
  return steps.map(({ title, hops }) => {
    const found = hops.map((hop) => ({ hop, files: filesBetween(graph, hop) }))
    return {
      title,
      files: [...new Set(found.flatMap(({ files }) => files))],
      broken: found.flatMap(({ hop, files }) => (files.length === 0 ? hop : [])),
    }
  })
}

/** What breaks the bars for the shape of the code; each line says what and how much. */
export function checkStructure(): string[] {
  const sources = listSources().filter((path) => !isTest(path))
  const circles = findCircles(readImportGraph({ types: true }))
  const way = messageWay()
  const onTheWay = new Set(way.flatMap(({ files }) => files))
  return [
    ...(sources.length > mostSources ? [`${sources.length} source files (≤ ${mostSources})`] : []),
    ...circles.map((circle) => `import circle: ${circle.join(' → ')}`),
    ...way
      .flatMap(({ broken }) => broken)
      .map(({ from, to }) => `${from} reaches ${to} by no import: mend the hops of the way`),
    ...(onTheWay.size > mostOnTheWay
      ? [`${onTheWay.size} files on the way of a message (≤ ${mostOnTheWay})`]
      : []),
  ]
}

/** The files of a shortest chain of imports of a hop; none if there is none. */
function filesBetween(graph: ImportGraph, { from, to }: Hop): string[] {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]])
  for (const at of cameFrom.keys()) {
    for (const next of graph.get(at) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, at)
  }
  if (!graph.has(from) || !cameFrom.has(to)) return []
  const chain: string[] = []
  for (let at: string | undefined = to; at !== undefined; at = cameFrom.get(at)) chain.unshift(at)
  return chain
}
