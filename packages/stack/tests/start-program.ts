import { join } from 'node:path'
import { freePort } from '../src/data-directory/free-port.ts'
import { RotatingLog } from '../src/data-directory/rotating-log.ts'
import { type ProcessSpec, SupervisedProcess } from '../src/process/supervised-process.ts'

/** A supervised `tests/programs/<program>.ts`, not started yet. */
export async function programOf(
  directory: string,
  options: { name: string; program: string; args?: string[] } & Partial<ProcessSpec>,
): Promise<SupervisedProcess> {
  const { name, program, args = [], ...spec } = options
  return new SupervisedProcess({
    name,
    dataDirectory: directory,
    command: process.execPath,
    args: [join(import.meta.dirname, 'programs', `${program}.ts`), ...args],
    ipc: true,
    environment: { PATH: process.env['PATH'] },
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 2_000,
    isHealthy: async () => true,
    log: await RotatingLog.open(join(directory, 'logs', `${name}.log`)),
    ...spec,
  })
}

/** A running HTTP server with the port it listens on. */
export async function startHttpServer(
  directory: string,
  name: string,
): Promise<{ process: SupervisedProcess; port: number }> {
  const port = await freePort()
  const isHealthy = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      async (answer) => (await answer.text()) !== '',
      () => false,
    )
  const args = [name, String(port)]
  const server = await programOf(directory, { name, program: 'http-server', args, isHealthy })
  server.start()
  await server.healthy(10_000)
  return { process: server, port }
}
