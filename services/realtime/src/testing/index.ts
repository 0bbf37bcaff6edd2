export type { PushPayload } from '../push/push-job.ts'
export type { PushAnswer } from './push-answer.ts'
export { type ExpoService, startExpoService, type TestPhone } from './start-expo-service.ts'
export {
  type ReceivedPush,
  startWebPushService,
  type TestBrowser,
  type WebPushService,
} from './start-web-push-service.ts'
