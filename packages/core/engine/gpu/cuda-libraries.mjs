/**
 * The libraries that TensorFlow's CUDA build opens when it runs, in an order in which each comes after those that it needs.
 * `folder`: below `nvidia/`, where TensorFlow looks; `cuda13`: the one of CUDA 13 that serves in its place;
 * without `needed`, a GPU works on its own.
 */
export const CUDA_LIBRARIES = [
  { name: 'libcudart.so.12', folder: 'cuda_runtime', needed: true },
  { name: 'libnvJitLink.so.12', folder: 'nvjitlink', cuda13: 'libnvJitLink.so.13' },
  { name: 'libcublasLt.so.12', folder: 'cublas', cuda13: 'libcublasLt.so.13', needed: true },
  { name: 'libcublas.so.12', folder: 'cublas', cuda13: 'libcublas.so.13', needed: true },
  { name: 'libcusparse.so.12', folder: 'cusparse', cuda13: 'libcusparse.so.12', needed: true },
  { name: 'libcusolver.so.11', folder: 'cusolver', cuda13: 'libcusolver.so.12', needed: true },
  { name: 'libcufft.so.11', folder: 'cufft', cuda13: 'libcufft.so.12', needed: true },
  { name: 'libcupti.so.12', folder: 'cuda_cupti', cuda13: 'libcupti.so.13', needed: true },
  { name: 'libnvrtc.so.12', folder: 'cuda_nvrtc', cuda13: 'libnvrtc.so.13' },
  { name: 'libcudnn.so.9', folder: 'cudnn', cuda13: 'libcudnn.so.9', needed: true },
  { name: 'libnccl.so.2', folder: 'nccl', cuda13: 'libnccl.so.2' },
];
