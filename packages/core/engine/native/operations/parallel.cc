#include <algorithm>
#include <exception>
#include <mutex>

#include "operation.h"
#include "tensorflow/core/framework/op_kernel.h"

namespace dualprior {

/** The C API has no threads to offer, but its context is TensorFlow's own. */
void Execution::ForParts(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& part) const {
  using Pool = tsl::thread::ThreadPool;
  const auto* context = reinterpret_cast<tensorflow::OpKernelContext*>(context_);
  Pool* threads = context->device()->tensorflow_cpu_worker_threads()->workers;
  const int64_t parts = (count + grain - 1) / grain;
  std::mutex mutex;
  std::exception_ptr failure;
  threads->ParallelFor(parts, Pool::SchedulingParams::Fixed(1), [&](int64_t first, int64_t last) {
    try {
      for (int64_t i = first; i < last; i++) part(i * grain, std::min(count, (i + 1) * grain));
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex);
      failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dualprior
