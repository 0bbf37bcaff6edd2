import 'react-native'

/** Props that react-native-web adds to React Native's. */
declare module 'react-native' {
  interface PressableStateCallbackType {
    readonly hovered?: boolean
    readonly focused?: boolean
  }
  interface ViewProps {
    dataSet?: Record<string, string>
    /** Layout direction; phones take it from the system. */
    dir?: 'ltr' | 'rtl'
  }
  interface TextProps {
    dataSet?: Record<string, string>
    href?: string
    hrefAttrs?: { target?: string; rel?: string }
  }
}
