import { join } from 'node:path'
import type { Gateway } from '@finnigram/gateway'
import { inRoot } from '../config.ts'
import { freePort } from '../data-directory/free-port.ts'
import { RotatingLog } from '../data-directory/rotating-log.ts'
import { prepareWeb } from '../prepare-web.ts'
import { SupervisedProcess } from '../process/supervised-process.ts'
import type { StartContext } from '../start-databases.ts'

/**
 * Starts Metro, Expo's bundler, and has the gateway pass the app's paths on to it: the app then
 * refreshes in the browser while its files are edited. Without a network Metro works as well.
 *
 * Where Metro does not start, the built app is served as by `npm start`, and a line says so.
 */
export async function startMetro(gateway: Gateway, context: StartContext): Promise<AsyncDisposable> {
  const { progress, signal } = context
  const url = `http://127.0.0.1:${await freePort()}`
  const metro = await createMetroProcess(url, context)
  const stop = () => void metro.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await progress.step('Metro', () => {
      metro.start()
      return metro.healthy(180_000)
    })
    gateway.proxyApp(url)
  } catch {
    await metro.stop()
    if (!signal.aborted) {
      progress.say(
        `  Metro did not start (see ${metro.spec.log.path}): the built app is served, without fast refresh.`,
      )
      await prepareWeb(gateway, context)
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  return metro
}

async function createMetroProcess(url: string, { config, onCrash }: StartContext) {
  const expo = inRoot('node_modules', 'expo', 'bin', 'cli')
  return new SupervisedProcess({
    name: 'metro',
    dataDirectory: config.dataDirectory,
    command: process.execPath,
    args: [expo, 'start', '--port', new URL(url).port, '--host', 'localhost'],
    environment: {
      ...config.environment,
      NODE_ENV: 'development',
      BROWSER: 'none',
      EXPO_NO_TELEMETRY: '1',
      EXPO_OFFLINE: '1',
      // With it Metro would not watch files.
      CI: undefined,
    },
    cwd: inRoot('apps', 'mobile'),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    isHealthy: () => isServing(url),
    log: await RotatingLog.open(join(config.dataDirectory, 'logs', 'metro.log')),
    onCrash,
  })
}

async function isServing(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/status`, { signal: AbortSignal.timeout(2_000) })
    return (await answer.text()).includes('running')
  } catch {
    return false
  }
}
