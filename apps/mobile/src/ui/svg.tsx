import Svg, { Path } from 'react-native-svg'

export type SvgProps = {
  /** Size of the drawing's grid. */
  grid: readonly [number, number]
  /** Width on screen; the height follows from the grid. */
  width: number
  path: string
  color: string
  /** Stroke width on the grid; filled if unset. */
  stroke?: number
}

/** A single SVG path, ignored by screen readers. */
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
