import { runUntilSignal } from '@finnigram/service-kit'
import { readConfig } from './config.ts'
import { startRealtime } from './service.ts'

await runUntilSignal(() => startRealtime(readConfig(process.env)))
