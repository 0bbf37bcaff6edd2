import type { SvgProps } from './svg.tsx'

/** A single SVG path. */
export function SvgPath({ grid: [w, h], width, path, color, stroke }: SvgProps) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={width}
      height={(width * h) / w}
      viewBox={`0 0 ${w} ${h}`}
      fill={stroke === undefined ? color : 'none'}
      fillRule="evenodd"
      stroke={stroke === undefined ? 'none' : color}
      strokeWidth={stroke}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ display: 'block', flexShrink: 0 }}
    >
      <path d={path} />
    </svg>
  )
}
