export interface CudaLibrary {
  readonly name: string;
  readonly folder: string;
  readonly cuda13?: string;
  readonly needed?: boolean;
}
export declare const CUDA_LIBRARIES: readonly CudaLibrary[];
