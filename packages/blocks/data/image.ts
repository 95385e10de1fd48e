/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * An RGB image, rows of interleaved pixels (HWC), values 0 .. 255. Files and what methods return have 8 bits; only a
 * degradation that is told not to round gives fractions.
 */
export interface Image extends Size {
  readonly data: Uint8Array | Float32Array;
}
