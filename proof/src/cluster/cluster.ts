import type { ServiceName } from '@finnigram/stack'

/**
 * A connection between two parts that goes through a proxy of ours. `users` and `messages` are the
 * ways on which services call those two.
 */
export const linkNames = [
  'clients',
  'users-postgres',
  'messages-postgres',
  'redis',
  'users',
  'messages',
  'push',
] as const
export type LinkName = (typeof linkNames)[number]

/**
 * Something wrong with a link; what is not said is well. Takes effect on connections that are open,
 * too.
 */
export interface Disturbance {
  /** Added to every byte's way, in each direction, in milliseconds. */
  delayMs?: number
  /** Bytes are passed on in pieces of at most this size, each by itself. */
  sliceBytes?: number
  /** At most so many bytes a second in each direction. */
  bytesPerSecond?: number
  /**
   * Nothing passes any more, and nobody is told: a half-open connection. New ones are taken and
   * never answered.
   */
  isSilent?: boolean
  /**
   * What the far side answers is swallowed and the connection is then cut: it was done, and nobody
   * hears of it.
   */
  losesAnswers?: boolean
  /** New connections are refused. */
  isClosed?: boolean
}

export interface Link {
  /** Where to connect in place of the real thing. */
  readonly port: number
  disturb(disturbance: Disturbance): void
  /** All is well from now on. */
  heal(): void
  /** Resets every open connection. */
  cut(): void
}

export type DatabaseName = 'users-postgres' | 'messages-postgres' | 'redis'

/** Processes that can be taken away: nodes of services count from 0. */
export type Target = { part: ServiceName; index: number } | { part: DatabaseName }

/** How a target is called in reports: `redis`, or `users-1` for the first node of users. */
export const nameOf = (target: Target): string =>
  'index' in target ? `${target.part}-${target.index + 1}` : target.part

/** A running Finnigram of several nodes whose every part and link can be made to fail. */
export interface Cluster extends AsyncDisposable {
  /** Where devices connect: through the link `clients`. */
  readonly url: string
  /** Past the link, for who checks. */
  readonly directUrl: string
  /** Straight to the databases, past every link. */
  readonly usersDatabase: string
  readonly messagesDatabase: string
  readonly redisUrl: string
  /** Has another Redis take over, without what was written in the last `lagMs`. */
  failOverRedis(lagMs: number): Promise<void>
  readonly links: Readonly<Record<LinkName, Link>>
  readonly targets: readonly Target[]
  /**
   * Kills a process (SIGKILL unless said otherwise; `SIGINT` is PostgreSQL's "fast", `SIGQUIT` its
   * "immediate"); it comes back by itself. Resolves when it has ended.
   */
  kill(target: Target, signal?: NodeJS.Signals): Promise<void>
  /** SIGSTOP and SIGCONT, with all of its children. */
  freeze(target: Target): void
  thaw(target: Target): void
  /** Ends a process and keeps it away until `start`. */
  stop(target: Target): Promise<void>
  start(target: Target): Promise<void>
  /** Resolves when the process serves. */
  ready(target: Target): Promise<void>
  /** Heals every link, thaws and brings back everything; resolves when all of it serves. */
  heal(): Promise<void>
  /** Processes that ended by themselves, without having been asked to. */
  readonly crashes: readonly { name: string; at: string; code: number | string | null }[]
  /**
   * Notifications that are on their way: those queued, and messages that wait until they are due.
   */
  pushBacklog(): Promise<number>
  /**
   * Longest that work kept the event loop of each service node and of the gateway from turning
   * since it was last asked, in milliseconds, by name. Time in which a process was stopped, or the
   * machine ran others, does not count; who is away is left out.
   */
  stalls(): Promise<Record<string, number>>
}
