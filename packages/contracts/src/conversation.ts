import { z } from 'zod'
import { ConversationId, NewConversationId, UserId } from './ids.ts'
import { Message, Seq, Version } from './message.ts'
import { bodyText, lineText, storable } from './text.ts'
import { Instant, Timestamp } from './time.ts'
import { PublicUser } from './user.ts'

/** People in a group, its creator included. */
export const maxParticipants = 1000

export const Title = lineText(1, 100).describe('1–100 characters')
export const Description = z.union([z.literal(''), bodyText(500)]).describe('At most 500 characters')
export const Role = z.enum(['owner', 'admin', 'member'])
export type Role = z.infer<typeof Role>

export const Participant = z
  .object({
    userId: UserId,
    role: Role,
    joinedAt: Timestamp,
    lastReadSeq: Seq,
    lastDeliveredSeq: Seq,
    user: PublicUser,
  })
  .meta({ id: 'Participant' })
export type Participant = z.infer<typeof Participant>

export const ConversationMe = z
  .object({
    role: Role,
    joinedSeq: Seq.describe('Last seq before I joined'),
    lastReadSeq: Seq,
    lastDeliveredSeq: Seq,
    unreadCount: z
      .int()
      .min(0)
      .describe(
        'Computed: messages of others after my marker; deleted ones and system messages are left out',
      ),
    mentionCount: z.int().min(0),
    mutedUntil: Timestamp.nullable(),
    archived: z.boolean(),
    pinned: z.boolean(),
    notify: z.enum(['all', 'mentions', 'none']),
    draft: z.string().nullable(),
    draftAt: Timestamp.nullable()
      .optional()
      .describe('When the draft was typed or taken out; the one typed last is kept'),
    state: z
      .enum(['member', 'invited'])
      .optional()
      .describe('`invited`: I was asked to join and take no part until I accept'),
    invitedBy: UserId.optional().describe('Who asked me, while I am `invited`'),
  })
  .meta({ id: 'ConversationMe', description: 'How this conversation stands for me' })
export type ConversationMe = z.infer<typeof ConversationMe>

export const Conversation = z
  .object({
    id: ConversationId,
    kind: z.enum(['direct', 'group']),
    title: z.string().nullable().describe('Null in a direct conversation'),
    description: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    createdBy: UserId,
    createdAt: Timestamp,
    lastSeq: Seq,
    version: Version,
    participantCount: z.int(),
    sharesHistory: z.boolean().describe('Whether who joins from now on may read what was said before'),
    participants: z.array(Participant).describe('The first 100'),
    lastMessage: Message.nullable(),
    me: ConversationMe,
  })
  .meta({ id: 'Conversation' })
export type Conversation = z.infer<typeof Conversation>

/** A conversation as everyone in it sees it: what its `conversation.created` event carries. */
export const SharedConversation = Conversation.omit({ me: true }).meta({ id: 'SharedConversation' })
export type SharedConversation = z.infer<typeof SharedConversation>

export const NewConversation = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('direct'),
      id: NewConversationId.optional(),
      userId: UserId.describe('One’s own id makes notes to self'),
    }),
    z.object({
      kind: z.literal('group'),
      id: NewConversationId.optional(),
      title: Title,
      sharesHistory: z.boolean().optional(),
      userIds: z.array(UserId).max(maxParticipants).describe('The creator need not be named; may be empty'),
    }),
  ])
  .meta({ id: 'NewConversation' })
export type NewConversation = z.infer<typeof NewConversation>

/** A draft is a text that is not sent yet: white space and all. */
const Draft = z.string().max(16_000).overwrite(storable)

/** Ten years, in milliseconds. */
const mostDraftAgeMs = 10 * 365 * 86_400_000

/**
 * A clock that went wrong must not lose a text: what is no age counts as none, and what is too
 * large is cut.
 */
const DraftAge = z
  .number()
  .catch(0)
  .overwrite((ms) => Math.min(Math.max(Math.round(ms), 0), mostDraftAgeMs))
  .describe('Milliseconds since the draft was typed, by the clock of the device; 0 if left out')

const DraftDevice = z
  .string()
  .max(64)
  .overwrite(storable)
  .describe('The same for all drafts of one device: of these, the one that comes last counts as typed last')

/** How I want a conversation to stand for me, on all my devices; what is left out stays. */
export const ConversationMeChange = z
  .object({
    mutedUntil: Instant.nullable().optional(),
    archived: z.boolean().optional(),
    pinned: z.boolean().optional(),
    notify: z.enum(['all', 'mentions', 'none']).optional(),
    draft: Draft.nullable().optional(),
    draftAgeMs: DraftAge.optional(),
    draftDevice: DraftDevice.optional(),
  })
  .meta({ id: 'ConversationMeChange' })
export type ConversationMeChange = z.infer<typeof ConversationMeChange>

export const Invite = z
  .object({
    code: z.string(),
    url: z.string().describe('The page that shows the group and joins it'),
    conversationId: ConversationId,
    createdBy: UserId,
    createdAt: Timestamp,
    maxUses: z.int().nullable(),
    uses: z.int(),
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: 'Invite' })
export type Invite = z.infer<typeof Invite>

export const InvitePreview = z
  .object({
    code: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    participantCount: z.int(),
    conversationId: ConversationId.nullable().describe('Null unless I take part already'),
  })
  .meta({ id: 'InvitePreview', description: 'What an invite leads to' })
export type InvitePreview = z.infer<typeof InvitePreview>

/** Somebody who was asked to join a group and has not answered, as those who manage it see them. */
export const GroupInvitation = z
  .object({ userId: UserId, invitedBy: UserId, createdAt: Timestamp, user: PublicUser })
  .meta({ id: 'GroupInvitation' })
export type GroupInvitation = z.infer<typeof GroupInvitation>

/** Where a person stands in a conversation; markers only move forward. */
export const Marker = z
  .object({
    conversationId: ConversationId,
    userId: UserId,
    readSeq: Seq.optional(),
    deliveredSeq: Seq.optional(),
  })
  .meta({ id: 'Marker' })
export type Marker = z.infer<typeof Marker>
