/** Name of what counts the images without a finite value in a column. */
export function infiniteColumn(name: string): string {
  return `${name}_infinite`;
}

/** Mean of the finite values, and count of the others; `Infinity` where there are others only (PSNR of images that all equal the sharp ones). */
export function finiteMean(values: readonly number[]): { readonly mean: number; readonly infinite: number } {
  const finite = values.filter(Number.isFinite);
  const mean = finite.length === 0 ? Infinity : finite.reduce((sum, value) => sum + value, 0) / finite.length;
  return { mean, infinite: values.length - finite.length };
}
