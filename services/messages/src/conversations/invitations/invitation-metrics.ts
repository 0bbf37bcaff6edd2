import type { Metrics } from '@finnigram/service-kit'

type Outcome = 'sent' | 'left_out' | 'accepted' | 'declined' | 'withdrawn'

/** Counts what became of invitations to groups. */
export const countInvitations = (metrics: Metrics, outcome: Outcome, count = 1): void =>
  metrics
    .counter('group_invitations_total', 'Invitations to groups, by what became of them', ['outcome'])
    .inc({ outcome }, count)
