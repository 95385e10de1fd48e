/** An RGB image of 8 bits a channel, rows of interleaved pixels (HWC). */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
