import fontUrl from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { downloadBlob } from '../../ui/download.ts'
import { BoxPicture, nothingLit, type PlacedBox, type PlacedWire, Wires } from './DiagramPicture.tsx'
import { filePalette } from './palette.ts'
import type { Extent } from './useView.ts'

interface Picture {
  title: string
  home: string
  boxes: readonly PlacedBox[]
  wires: readonly PlacedWire[]
  extent: Extent
}

const margin = 24
// What Chromium's canvas holds; below the smallest scale a 12 px text can no longer be read.
const mostSide = 16_000
const mostPixels = 120e6
const smallestScale = 0.75

/** The whole picture as an SVG file, its font within it. */
export async function exportSvg(picture: Picture): Promise<void> {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${await svgOf(picture)}`
  downloadBlob(fileNameOf(picture, 'svg'), new Blob([text], { type: 'image/svg+xml' }))
}

/** The largest scale at which a picture fits into a PNG, up to 2; undefined where its text could not be read. */
export function pngScale({ width, height }: Extent): number | undefined {
  const [wide, high] = [width + 2 * margin, height + 2 * margin]
  const scale = Math.min(2, mostSide / wide, mostSide / high, Math.sqrt(mostPixels / (wide * high)))
  return scale < smallestScale ? undefined : scale
}

/** The whole picture as a PNG file. Throws where the canvas refuses it. */
export async function exportPng(picture: Picture): Promise<void> {
  const scale = pngScale(picture.extent)
  if (scale === undefined) throw new Error('The picture is too large for a PNG that can be read')
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await svgOf(picture))}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = Math.round((picture.extent.width + 2 * margin) * scale)
  canvas.height = Math.round((picture.extent.height + 2 * margin) * scale)
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('The canvas gave no PNG')
  downloadBlob(fileNameOf(picture, 'png'), blob)
}

async function svgOf({ title, home, boxes, wires, extent }: Picture): Promise<string> {
  const palette = filePalette()
  const [width, height] = [extent.width + 2 * margin, extent.height + 2 * margin]
  const font = await fontAsData()
  const holder = document.createElement('div')
  const root = createRoot(holder)
  flushSync(() =>
    root.render(
      <svg
        xmlns="http://www.w3.org/2000/svg"
        viewBox={`${extent.x - margin} ${extent.y - margin} ${width} ${height}`}
        width={width}
        height={height}
        fontFamily="'JetBrains Mono Variable', 'JetBrains Mono', ui-monospace, monospace"
        fontSize={12}
      >
        <title>{title}</title>
        <style>{`@font-face{font-family:'JetBrains Mono Variable';font-weight:100 800;src:url(${font}) format('woff2')}`}</style>
        <rect
          x={extent.x - margin}
          y={extent.y - margin}
          width={width}
          height={height}
          fill={palette.panel}
        />
        <Wires wires={wires} lit={nothingLit.wires} palette={palette} />
        {boxes.map(({ box, at }) => (
          <g key={box.id} transform={`translate(${at.x} ${at.y})`}>
            <BoxPicture
              box={box}
              home={home}
              palette={palette}
              litColumns={undefined}
              isFound={false}
              isFar={false}
            />
          </g>
        ))}
      </svg>,
    ),
  )
  const svg = holder.firstElementChild
  const text = svg ? new XMLSerializer().serializeToString(svg) : ''
  root.unmount()
  return text
}

let font: Promise<string> | undefined

function fontAsData(): Promise<string> {
  font ??= fetch(fontUrl)
    .then((answer) => answer.blob())
    .then(
      (blob) =>
        new Promise((resolve, reject) => {
          const reader = new FileReader()
          reader.onload = () => resolve(String(reader.result))
          reader.onerror = () => reject(reader.error)
          reader.readAsDataURL(blob)
        }),
    )
  return font
}

/** Names of tables may hold what no file's name can. */
function fileNameOf({ title }: Picture, extension: string): string {
  const plain = title.replace(/[^\p{Letter}\p{Number}._-]+/gu, '_').slice(0, 80)
  return `atlas-diagram-${plain}.${extension}`
}
