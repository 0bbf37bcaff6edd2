import { type MessagesConfig, readConfig } from '../../src/config.ts'

/**
 * The settings of a measured service: no limits, little log, no users service; the databases come
 * from the environment.
 */
export const readMeasureConfig = (): MessagesConfig =>
  readConfig({
    USERS_URL: 'http://127.0.0.1:9',
    INTERNAL_TOKEN: 'a secret between services',
    RATE_LIMIT_SCALE: '100000',
    LOG_LEVEL: 'error',
    ...process.env,
  })
