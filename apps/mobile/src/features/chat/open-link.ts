import { Linking } from 'react-native'

/** Props that open a link in the system's browser. */
export const openLink = (href: string) => ({
  onPress: () => {
    void Linking.openURL(href)
  },
})
