/** A GPU as NVIDIA's driver describes it. */
export interface Gpu {
  /** E.g. `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  readonly bytes: number;
  /** Compute capability, e.g. `9.0`. */
  readonly capability: string;
}

/** What the driver answers: its GPUs; that its library does not load; that it does not work. */
export type DriverAnswer =
  | { readonly version: number; readonly devices: readonly Gpu[] }
  | { readonly missing: string }
  | { readonly failed: string; readonly code: number };

/** The module `native/cuda.cc`. */
export interface CudaAddon {
  /** Null, or why the library does not open. */
  open(library: string): string | null;
  devices(driver: string): DriverAnswer;
}
