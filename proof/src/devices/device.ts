import { type Client, createClient } from '@finnigram/client'
import type { Random } from '../generator/random.ts'
import type { DeviceHistory, DeviceView, Span } from '../history/history.ts'
import { createDeviceClock, type DeviceClock } from './device-clock.ts'
import { type DeviceLink, openDeviceLink, type SwitchedNetwork, switchedNetwork } from './device-link.ts'
import { createDisk, type Disk, type Mounted } from './disk.ts'
import { FlightRecorder } from './flight-recorder.ts'
import { type OpenChat, openChat } from './open-chat.ts'
import { readView } from './read-view.ts'
import type { RunClock } from './run-clock.ts'

export interface DevicePerson {
  id: string
  username: string
  password: string
}

export interface DeviceOptions {
  name: string
  person: DevicePerson
  /** Where the server is. */
  url: string
  random: Random
  now: RunClock
  /** How wrong its clock is. */
  skewMs: number
}

/** From switching on to the end. */
interface Life {
  client: Client
  mounted: Mounted
  link: DeviceLink
  network: SwitchedNetwork
  chat: OpenChat | null
}

/**
 * A device of a person: the client as it ships, with a disk, a clock and a way to the server that
 * can all be troubled.
 */
export class Device implements AsyncDisposable {
  readonly name: string
  readonly person: DevicePerson
  readonly recorder: FlightRecorder
  readonly clock: DeviceClock
  readonly away: Span[] = []
  pushId: string | null = null
  readonly #options: DeviceOptions
  readonly #disk: Disk
  readonly #links: DeviceLink[] = []
  readonly #errors: string[] = []
  readonly #glitches: DeviceHistory['glitches'] = []
  #shuffles = false
  #life: Life | null = null

  constructor(options: DeviceOptions) {
    const { name, person, random, now, skewMs } = options
    this.#options = options
    this.name = name
    this.person = person
    this.recorder = new FlightRecorder(now)
    this.clock = createDeviceClock(skewMs)
    this.#disk = createDisk(random)
  }

  /** The client, while the device is on. */
  get client(): Client | null {
    return this.#life?.client ?? null
  }

  /** It is on, has a network, and knows all that it was told of. */
  get isCaughtUp(): boolean {
    return this.client?.connection.state === 'online'
  }

  /** On and with a network: it should have everything soon. */
  get shouldBeConnected(): boolean {
    return this.#life?.link.isUp ?? false
  }

  /**
   * Begins a life on what an earlier one left on the disk. Resolves when the client was started.
   */
  async switchOn(): Promise<Client> {
    if (this.#life) return this.#life.client
    const { url, random } = this.#options
    const link = await openDeviceLink({
      url,
      random,
      onText: (number) => this.recorder.hears(number),
      onAcknowledged: (conversationId, seq) => this.recorder.told(conversationId, seq),
    })
    link.shuffles = this.#shuffles
    this.#links.push(link)
    const mounted = this.#disk.mount((changes) => this.recorder.written(changes))
    const network = switchedNetwork()
    const client = this.clock.run(() => this.#createClient({ mounted, link, network }))
    this.#life = { client, mounted, link, network, chat: null }
    this.#back()
    this.clock.run(() => client.start())
    return client
  }

  /**
   * As when the battery is taken out: nothing is said to anyone, and what was not on the disk is
   * gone.
   */
  kill(): void {
    const life = this.#life
    if (!life) return
    this.#life = null
    this.#left()
    life.mounted.die()
    life.link.isUp = false
    life.chat?.close()
    this.clock.run(() => life.client.stop()).catch(() => undefined)
  }

  /** `knows`: the device itself notices that it has no network. */
  loseNetwork({ knows }: { knows: boolean }): void {
    if (!this.#life) return
    this.#left()
    this.#life.link.isUp = false
    if (knows) this.clock.run(() => this.#life?.network.set({ online: false }))
  }

  findNetwork(): void {
    if (!this.#life || this.#life.link.isUp) return
    this.#life.link.isUp = true
    this.#back()
    this.clock.run(() => this.#life?.network.set({ online: true }))
  }

  cut(): void {
    this.#life?.link.cut()
  }

  setForeground(foreground: boolean): void {
    this.clock.run(() => this.#life?.network.set({ foreground }))
  }

  setShuffles(shuffles: boolean): void {
    this.#shuffles = shuffles
    if (this.#life) this.#life.link.shuffles = shuffles
  }

  /** Puts a chat on screen in place of the one that was. */
  open(conversationId: string): void {
    const life = this.#life
    if (!life || life.chat?.conversationId === conversationId) return
    life.chat?.close()
    const { now } = this.#options
    const onGlitch = (what: string) => this.#glitches.push({ at: now(), conversationId, what })
    life.chat = this.clock.run(() => openChat(life.client, conversationId, onGlitch))
  }

  async history(): Promise<DeviceHistory> {
    const { name, person, pushId, away, client } = this
    const empty: DeviceView = { list: [], conversations: [], messages: [] }
    const view = client ? await this.clock.run(() => readView(client, this.#disk)) : empty
    const told = this.recorder.history()
    return {
      name,
      userId: person.id,
      pushId,
      ...told,
      away,
      glitches: this.#glitches,
      errors: this.#errors,
      view,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    for (const link of this.#links) await link[Symbol.asyncDispose]()
  }

  #createClient({ mounted, link, network }: Pick<Life, 'mounted' | 'link' | 'network'>): Client {
    return createClient({
      baseUrl: link.url,
      store: mounted.store,
      sessionStorage: mounted.sessionStorage,
      device: { name: this.name, platform: 'proof' },
      network,
      onError: (error) => this.#errors.push(String(error)),
    })
  }

  #left(): void {
    if (this.away.length === 0 || this.away.at(-1)?.to !== null)
      this.away.push({ from: this.#options.now(), to: null })
  }

  #back(): void {
    const span = this.away.at(-1)
    if (span) span.to ??= this.#options.now()
  }
}
