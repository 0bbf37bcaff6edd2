import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Gateway, type GatewayOptions, startGateway } from '../src/start-gateway.ts'
import { UpstreamPool } from '../src/upstream-pool.ts'
import type { SupervisedProcess } from '../../stack/src/process/supervised-process.ts'
import { precompress } from '../../stack/src/web/precompress.ts'
import { makeHome } from '../../stack/tests/make-data-directory.ts'
import { startEcho } from '../../stack/tests/start-program.ts'

export interface GatewayInTest extends AsyncDisposable {
  gateway: Gateway
  url: string
  home: string
  /** The two nodes of each service, real processes. */
  nodes: Record<'users' | 'messages' | 'realtime', SupervisedProcess[]>
}

/** A gateway before two nodes of each service, with a small app built into a folder. */
export async function startGatewayForTest(options: Partial<GatewayOptions> = {}): Promise<GatewayInTest> {
  const home = await makeHome()
  const gateway = await startGateway({ port: 0, host: '127.0.0.1', trustProxy: false, ...options })
  const services = await Promise.all(
    (['users', 'messages', 'realtime'] as const).map(async (service) => {
      const echoes = await Promise.all([1, 2].map((index) => startEcho(home.path, `${service}-${index}`)))
      const upstreams = echoes.map(({ process, port }) => ({
        host: '127.0.0.1',
        port,
        isUp: () => process.state === 'healthy',
        child: () => process.child,
      }))
      return {
        service,
        processes: echoes.map(({ process }) => process),
        pool: new UpstreamPool(service, upstreams),
      }
    }),
  )
  const [users, messages, realtime] = services
  if (!users || !messages || !realtime) throw new Error('three services')
  gateway.connect({ users: users.pool, messages: messages.pool, realtime: realtime.pool })
  gateway.serveApp(await makeApp(home.path))
  return {
    gateway,
    url: gateway.url,
    home: home.path,
    nodes: { users: users.processes, messages: messages.processes, realtime: realtime.processes },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await Promise.all(
        services.flatMap(({ processes }) => processes.map((process) => process[Symbol.asyncDispose]())),
      )
      await home[Symbol.asyncDispose]()
    },
  }
}

async function makeApp(home: string) {
  const folder = join(home, 'app')
  await mkdir(join(folder, '_expo', 'static', 'js'), { recursive: true })
  await writeFile(join(folder, 'index.html'), `<!doctype html><title>app</title>${' '.repeat(2_000)}`)
  await writeFile(
    join(folder, '_expo/static/js/entry-0123456789abcdef0123456789abcdef.js'),
    `// ${randomBytes(8).toString('hex').repeat(500)}`,
  )
  await writeFile(join(home, 'outside.txt'), 'not yours')
  await precompress(folder)
  return folder
}
