import type { PushJob } from '../push-job.ts'

/** The push service that carries to a target: Expo, or the host that a browser named. */
export const serviceOf = (target: PushJob['target']): string =>
  target.kind === 'expo' ? 'expo' : (URL.parse(target.subscription.endpoint)?.host ?? '')
