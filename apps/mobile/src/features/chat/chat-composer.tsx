import { Composer } from './composer.tsx'
import { ReplyStrip } from './composer-strips.tsx'
import { SupersededStrip } from './superseded-strip.tsx'
import type { useComposing } from './use-composing.ts'

type ChatComposerProps = {
  /** What was typed and not sent, here before or on another device. */
  draft: string
  composing: ReturnType<typeof useComposing>
  nameOf: (userId: string) => string
  onLeave: () => void
}

/** The composer of a chat, the message that is answered above it. Esc gives up the answer, then leaves. */
export function ChatComposer({ draft, composing, nameOf, onLeave }: ChatComposerProps) {
  const { typed, superseded, replyTo, cancelReply } = composing
  return (
    <Composer
      text={typed ?? draft}
      about={replyTo?.id ?? null}
      onChange={composing.write}
      onSend={composing.send}
      onEscape={replyTo === null ? onLeave : cancelReply}
    >
      {superseded.text !== '' && <SupersededStrip {...superseded} />}
      {replyTo !== null && (
        <ReplyStrip
          senderId={replyTo.senderId}
          name={nameOf(replyTo.senderId)}
          text={replyTo.text ?? ''}
          onCancel={cancelReply}
        />
      )}
    </Composer>
  )
}
