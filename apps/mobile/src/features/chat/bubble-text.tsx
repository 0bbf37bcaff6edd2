import { memo } from 'react'
import { Text as NativeText, View } from 'react-native'
import { createStyles } from '../../theme/create-styles.ts'
import { typeScale } from '../../theme/scale.ts'
import { findLinks } from './find-links.ts'
import { openLink } from './open-link.ts'

type BubbleTextProps = {
  text: string
  mine: boolean
  /** Room kept free at the end of the last line, in points, for the time and ticks. */
  reserve: number
}

/** What someone wrote, its links pressable, selectable. */
export const BubbleText = memo(function BubbleText({ text, mine, reserve }: BubbleTextProps) {
  const styles = useStyles()
  let at = 0
  return (
    <NativeText testID="message-text" selectable style={[styles.text, mine && styles.mine]}>
      {findLinks(text).map((part) => {
        const key = at
        at += part.text.length
        return part.href === undefined ? (
          part.text
        ) : (
          <NativeText key={key} role="link" style={styles.link} {...openLink(part.href)}>
            {part.text}
          </NativeText>
        )
      })}
      <View style={{ width: reserve, height: 1 }} />
    </NativeText>
  )
})

const useStyles = createStyles(({ colors }) => ({
  text: { ...typeScale.message, color: colors.text },
  mine: { color: colors.onOwnBubble },
  link: { color: colors.link, textDecorationLine: 'underline' },
}))
