import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { type Gateway, type GatewayOptions, startGateway } from '../src/start-gateway.ts'
import { UpstreamPool } from '../src/upstream-pool.ts'
import { EchoNode } from './echo-node.ts'

export interface TestGateway extends AsyncDisposable {
  gateway: Gateway
  url: string
  /** The two nodes of each service, real processes. */
  nodes: Record<'users' | 'messages' | 'realtime', EchoNode[]>
}

/** A gateway before two nodes of each service, with a small app built into a folder. */
export async function startGatewayForTest(options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'finnigram-gateway-'))
  const gateway = await startGateway({ port: 0, host: '127.0.0.1', trustProxy: false, ...options })
  const [users, messages, realtime] = await Promise.all([
    startNodes('users'),
    startNodes('messages'),
    startNodes('realtime'),
  ])
  const nodes = { users, messages, realtime }
  gateway.connect({
    users: poolOf('users', users),
    messages: poolOf('messages', messages),
    realtime: poolOf('realtime', realtime),
  })
  gateway.serveApp(await makeApp(folder))
  return {
    gateway,
    url: gateway.url,
    nodes,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await Promise.all(
        Object.values(nodes)
          .flat()
          .map((node) => node[Symbol.asyncDispose]()),
      )
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const startNodes = (service: string) =>
  Promise.all([1, 2].map((index) => EchoNode.start(`${service}-${index}`)))

const poolOf = (service: string, nodes: EchoNode[]) =>
  new UpstreamPool(
    service,
    nodes.map(({ upstream }) => upstream),
  )

async function makeApp(parent: string) {
  const folder = join(parent, 'app')
  const script = join(folder, '_expo/static/js/entry-0123456789abcdef0123456789abcdef.js')
  await mkdir(join(folder, '_expo', 'static', 'js'), { recursive: true })
  await writeFile(join(folder, 'index.html'), `<!doctype html><title>app</title>${' '.repeat(2_000)}`)
  await writeFile(script, `// ${randomBytes(8).toString('hex').repeat(500)}`)
  await writeFile(`${script}.br`, brotliCompressSync(await readFile(script)))
  await writeFile(join(parent, 'outside.txt'), 'not yours')
  return folder
}
