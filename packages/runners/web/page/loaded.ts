/** An image whose size is known, and whose pixels need not be decoded yet. Errors: it is no image that the browser can read. */
export async function loaded(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  await new Promise<unknown>((done, failed) => {
    image.onload = done;
    image.onerror = () => failed(new Error('no image'));
    image.src = url;
  });
  return image;
}
