import { useTheme } from '../theme/theme-provider.tsx'
import { SvgPath } from './svg.tsx'

const bubbleWithFin =
  'M16 2C8 2 2 7.6 2 14.6c0 3.4 1.4 6.4 3.7 8.7.2 2.2-.6 4.3-2 5.9-.5.6-.1 1.5.7 1.4 3.2-.3 5.8-1.5 7.7-3.2 1.2.3 2.5.4 3.9.4 8 0 14-5.8 14-12.8S24 2 16 2zM7.6 19.8C12 18.6 13.2 9.8 22.4 7.4 20.2 12 20.8 16.8 24.4 19.8 21.6 18.9 19.4 18.9 16 19.8 12.6 20.7 10.4 20.7 7.6 19.800z'

/** Finnigram's mark: a fin in a speech bubble. */
export function Logo({ size, color }: { size: number; color?: string }) {
  const { colors } = useTheme()
  return <SvgPath grid={[32, 32]} width={size} path={bubbleWithFin} color={color ?? colors.accent} />
}
