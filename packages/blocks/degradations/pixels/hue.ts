import type { Image } from '../../images/image.ts';

/** The image with its hues turned around the colour circle (hexcone model, as torchvision's `adjust_hue`). */
export function hueShifted({ width, height, data }: Image, turns: number): Image {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    const greatest = Math.max(r, g, b);
    const chroma = greatest - Math.min(r, g, b);
    const sixths = 6 * (hueOf(r, g, b, greatest, chroma) + turns);
    for (const [c, offset] of [5, 3, 1].entries()) {
      const k = (((offset + sixths) % 6) + 6) % 6;
      out[i + c] = greatest - chroma * Math.max(0, Math.min(k, 4 - k, 1));
    }
  }
  return { width, height, data: out };
}

/** In turns. */
function hueOf(r: number, g: number, b: number, greatest: number, chroma: number): number {
  if (chroma === 0) return 0;
  if (greatest === r) return (g - b) / chroma / 6;
  return (greatest === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma) / 6;
}
