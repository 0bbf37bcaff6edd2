import { type Metrics, parkedCounter } from '@finnigram/service-kit'

/** What the metrics say of mails. */
export const mailFigures = (metrics: Metrics) => ({
  sent: metrics.counter('mails_sent_total', 'Mails that the mail server took'),
  parked: parkedCounter(metrics),
  failed: metrics.counter('mails_failed_total', 'Tries to send a mail that failed'),
  heldBack: metrics.counter(
    'mails_held_back_total',
    'Mails not sent, or not yet: too many for one mailbox, one domain, or one sender, or too many waiting',
    ['reason'],
  ),
})
