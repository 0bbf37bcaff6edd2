import { memo, useState } from 'react'
import { Text as NativeText, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { typeScale } from '../../theme/scale.ts'
import { cutText, directionClosers, foldText } from './message-text.ts'
import { openLink } from './open-link.ts'

type BubbleTextProps = {
  text: string
  /** Usernames that are mentioned, with spaces between. */
  mentioned: string
  mine: boolean
  /** Room kept free at the end of the last line, in points, for the time and ticks. */
  reserve: number
}

/** What someone wrote, its links pressable, who is mentioned set off; selectable. */
export const BubbleText = memo(function BubbleText({ text, mentioned, mine, reserve }: BubbleTextProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const [unfolded, setUnfolded] = useState(false)
  const folded = unfolded ? undefined : foldText(text)
  const shown = folded ?? text
  return (
    <NativeText testID="message-text" selectable style={[styles.text, mine && styles.mine]}>
      {cutText(shown, mentioned.split(' ')).map((part) => {
        if (part.href !== undefined) {
          return (
            <NativeText key={part.start} role="link" style={styles.link} {...openLink(part.href)}>
              {part.text}
            </NativeText>
          )
        }
        if (part.isMention === undefined) return part.text
        return (
          <NativeText key={part.start} style={styles.mention}>
            {part.text}
          </NativeText>
        )
      })}
      {directionClosers(shown)}
      {folded !== undefined && ' …\n'}
      {folded !== undefined && (
        <NativeText role="button" style={styles.more} onPress={() => setUnfolded(true)}>
          {t('showMore')}
        </NativeText>
      )}
      <View style={{ width: reserve, height: 1 }} />
    </NativeText>
  )
})

const useStyles = createStyles(({ colors }) => ({
  text: { ...typeScale.message, color: colors.text },
  mine: { color: colors.onOwnBubble },
  more: { fontWeight: '600', color: colors.link },
  mention: { fontWeight: '600' },
  link: { color: colors.link, textDecorationLine: 'underline' },
}))
