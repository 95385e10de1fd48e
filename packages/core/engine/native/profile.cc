// A Node module that tells which operations TensorFlow ran between `start()` and `stop()`:
//
//   stop() -> [{name, thread, start, end}]   times in nanoseconds; the names are TensorFlow's, `node:Type` for an operation

#include <node_api.h>

#include "xla/tsl/profiler/backends/cpu/traceme_recorder.h"

namespace {

/** Below this level TensorFlow tells all operations; above, details inside of them too. */
constexpr int kOperations = 2;

using Recorder = tsl::profiler::TraceMeRecorder;

void Set(napi_env env, napi_value object, const char* name, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

napi_value Start(napi_env env, napi_callback_info) {
  napi_value started;
  napi_get_boolean(env, Recorder::Start(kOperations), &started);
  return started;
}

napi_value Stop(napi_env env, napi_callback_info) {
  napi_value all;
  napi_create_array(env, &all);
  uint32_t count = 0;
  for (const auto& thread : Recorder::Stop()) {
    for (const auto& event : thread.events) {
      if (!event.IsComplete()) continue;
      napi_value entry, name;
      napi_create_object(env, &entry);
      napi_create_string_utf8(env, event.name.data(), event.name.size(), &name);
      napi_set_named_property(env, entry, "name", name);
      Set(env, entry, "thread", thread.thread.tid);
      Set(env, entry, "start", event.start_time);
      Set(env, entry, "end", event.end_time);
      napi_set_element(env, all, count++, entry);
    }
  }
  return all;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "start", NAPI_AUTO_LENGTH, Start, nullptr, &function);
  napi_set_named_property(env, exports, "start", function);
  napi_create_function(env, "stop", NAPI_AUTO_LENGTH, Stop, nullptr, &function);
  napi_set_named_property(env, exports, "stop", function);
  return exports;
}
