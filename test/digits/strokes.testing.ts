/**
 * Ten digits as a hand draws them: strokes of straight pieces and arcs in a square of 1 × 1 (x right, y down). Forms follow
 * what MNIST's writers do: an open 4, a 1 without foot, a 7 without bar, a 2 with a small loop-free foot, rounded 5 and 3.
 */

export type Point = readonly [number, number]
export type Stroke = readonly Point[]

/** Points of an elliptic arc around (x, y), from one angle to another in degrees; 0 is right, 90 is down. */
function arc(x: number, y: number, radiusX: number, radiusY: number, from: number, to: number): Point[] {
  const steps = Math.max(2, Math.ceil(Math.abs(to - from) / 6))
  return Array.from({ length: steps + 1 }, (_, step) => {
    const angle = ((from + ((to - from) * step) / steps) * Math.PI) / 180
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)] as const
  })
}

export const digitStrokes: readonly (readonly Stroke[])[] = [
  // 0: one oval, begun and ended at the top.
  [arc(0.5, 0.5, 0.29, 0.42, -95, 268)],
  // 1: a slightly slanted line.
  [
    [
      [0.56, 0.08],
      [0.46, 0.92],
    ],
  ],
  // 2: a bow to the right, down to the left, a foot.
  [
    [
      ...arc(0.48, 0.31, 0.25, 0.22, 195, 385),
      [0.6, 0.54],
      [0.42, 0.74],
      [0.24, 0.88],
      [0.4, 0.87],
      [0.58, 0.89],
      [0.78, 0.88],
    ],
  ],
  // 3: two bows that meet in the middle.
  [[...arc(0.46, 0.29, 0.24, 0.2, 205, 445), [0.46, 0.49], ...arc(0.47, 0.69, 0.26, 0.21, -92, 155)]],
  // 4: an open top: down and across, then the long line.
  [
    [
      [0.28, 0.1],
      [0.25, 0.3],
      [0.24, 0.5],
      [0.42, 0.53],
      [0.6, 0.53],
      [0.8, 0.5],
    ],
    [
      [0.7, 0.1],
      [0.67, 0.4],
      [0.64, 0.92],
    ],
  ],
  // 5: down and a belly, then the bar on top.
  [
    [[0.34, 0.12], [0.32, 0.28], [0.3, 0.45], ...arc(0.47, 0.65, 0.25, 0.24, -125, 140)],
    [
      [0.34, 0.12],
      [0.52, 0.12],
      [0.74, 0.1],
    ],
  ],
  // 6: a long bow from the top into a closed belly.
  [[[0.62, 0.08], [0.48, 0.2], [0.36, 0.38], [0.29, 0.58], ...arc(0.49, 0.69, 0.21, 0.21, -175, -540), [0.3, 0.6]]],
  // 7: a bar and a slanted line.
  [
    [
      [0.22, 0.14],
      [0.45, 0.15],
      [0.76, 0.12],
      [0.66, 0.34],
      [0.54, 0.6],
      [0.44, 0.92],
    ],
  ],
  // 8: two loops, drawn as one S and back.
  [
    [
      ...arc(0.5, 0.28, 0.19, 0.19, -60, -270),
      ...arc(0.5, 0.7, 0.23, 0.22, -90, 270),
      ...arc(0.5, 0.28, 0.19, 0.19, 90, -60),
    ],
  ],
  // 9: a loop and a line down on the right.
  [[...arc(0.48, 0.32, 0.21, 0.22, 0, -355), [0.69, 0.3], [0.68, 0.55], [0.64, 0.76], [0.57, 0.93]]],
]
