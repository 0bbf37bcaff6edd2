export type Unsubscribe = () => void
export type Subscribe = (listener: () => void) => Unsubscribe

/** Something that changes. Listeners learn that it did, and read a snapshot. */
export interface Topic {
  subscribe(listener: () => void): Unsubscribe
  publish(): void
  readonly listeners: number
}

export function createTopic(): Topic {
  const listeners = new Map<symbol, () => void>()
  return {
    subscribe(listener) {
      const key = Symbol()
      listeners.set(key, listener)
      return () => {
        listeners.delete(key)
      }
    },
    publish() {
      for (const listener of [...listeners.values()]) listener()
    },
    get listeners() {
      return listeners.size
    },
  }
}

/** Topics by key, made at first use: a listener of one conversation is not woken by another. */
export interface Topics {
  of(key: string): Topic
  publish(key: string): void
  publishAll(): void
}

export function createTopics(): Topics {
  const topics = new Map<string, Topic>()
  return {
    of(key) {
      const known = topics.get(key) ?? createTopic()
      topics.set(key, known)
      return known
    },
    publish: (key) => topics.get(key)?.publish(),
    publishAll() {
      for (const topic of [...topics.values()]) topic.publish()
    },
  }
}

/** All topics of a client. They outlive a session, so that screens subscribe once. */
export interface ClientTopics {
  connection: Topic
  conversations: Topic
  invitations: Topic
  presence: Topic
  people: Topic
  /** By conversation. */
  messages: Topics
  /** By conversation. */
  typing: Topics
  publishAll(): void
}

export function createClientTopics(): ClientTopics {
  const single = {
    connection: createTopic(),
    conversations: createTopic(),
    invitations: createTopic(),
    presence: createTopic(),
    people: createTopic(),
  }
  const keyed = { messages: createTopics(), typing: createTopics() }
  return {
    ...single,
    ...keyed,
    publishAll() {
      for (const topic of Object.values(single)) topic.publish()
      for (const topics of Object.values(keyed)) topics.publishAll()
    },
  }
}
