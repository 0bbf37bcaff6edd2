import { join } from 'node:path'
import type { StackConfig } from './config.ts'
import type { Gateway } from '../../gateway/src/start-gateway.ts'
import { CommandFailure } from './process/run-command.ts'
import type { Progress } from './progress.ts'
import { buildWeb } from './web/build-web.ts'

interface WebContext {
  config: StackConfig
  progress: Progress
  signal: AbortSignal
  builds?: string
}

/** Builds the web app where needed and hands it to the gateway. When that fails, says why and goes on without: the API does not need it. */
export async function prepareWeb(
  gateway: Gateway,
  { config, progress, signal, builds }: WebContext,
): Promise<void> {
  const logPath = join(config.home, 'logs', 'web-build.log')
  try {
    gateway.serveApp(
      await progress.step('Web app', (onLine) =>
        buildWeb({ environment: config.environment, builds, logPath, signal, onLine }),
      ),
    )
  } catch (error) {
    if (signal.aborted) return
    const cause =
      error instanceof CommandFailure ? error.tail : error instanceof Error ? error.message : String(error)
    progress.say(
      `\n  The web app could not be built; the API runs without it. All of ${logPath}:\n${cause}\n`,
    )
    gateway.explain({
      title: 'The web app could not be built',
      text: 'The server runs, and its API is described at <a href="/v1/docs">/v1/docs</a>. The terminal that started it shows why.',
      isPassing: false,
    })
  }
}
