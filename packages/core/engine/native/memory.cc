// A Node module that tells what TensorFlow has allocated on the GPU: `peakBytes()` returns the greatest sum so far, null without a GPU.

#include <node_api.h>

#include "tensorflow/c/eager/tfe_context_internal.h"
#include "tensorflow/core/framework/device.h"

extern "C" TFE_Context* DualpriorContext();

namespace {

napi_value PeakBytes(napi_env env, napi_callback_info) {
  napi_value peak;
  napi_get_null(env, &peak);
  TFE_Context* context = DualpriorContext();
  if (context == nullptr) return peak;
  for (tensorflow::Device* device : tensorflow::unwrap(context)->ListLocalTfDevices()) {
    if (device->device_type() != "GPU") continue;
    const auto stats = device->GetAllocator(tensorflow::AllocatorAttributes())->GetStats();
    if (stats) napi_create_int64(env, stats->peak_bytes_in_use, &peak);
    break;
  }
  return peak;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "peakBytes", NAPI_AUTO_LENGTH, PeakBytes, nullptr, &function);
  napi_set_named_property(env, exports, "peakBytes", function);
  return exports;
}
