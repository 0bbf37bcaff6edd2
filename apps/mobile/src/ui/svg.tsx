import Svg, { Path } from 'react-native-svg'

export type SvgProps = {
  /** Width and height of the drawing's own grid. */
  grid: readonly [number, number]
  /** Width on screen; the height follows. */
  width: number
  path: string
  color: string
  /** Stroke width on the grid; filled when left out. */
  stroke?: number
}

/** One path, for icons and marks. Never announced: what it stands beside carries the words. */
export function SvgPath({ grid: [w, h], width, path, color, stroke }: SvgProps) {
  return (
    <Svg width={width} height={(width * h) / w} viewBox={`0 0 ${w} ${h}`} accessible={false}>
      <Path
        d={path}
        fill={stroke === undefined ? color : 'none'}
        fillRule="evenodd"
        {...(stroke === undefined
          ? {}
          : { stroke: color, strokeWidth: stroke, strokeLinecap: 'round', strokeLinejoin: 'round' })}
      />
    </Svg>
  )
}
