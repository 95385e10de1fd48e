// A Node module without TensorFlow that points standard error elsewhere for a while: `redirect(descriptor)` returns what
// `restore` wants.

#include <node_api.h>
#include <unistd.h>

namespace {

int32_t Argument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t value = -1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &value);
  return value;
}

napi_value Redirect(napi_env env, napi_callback_info info) {
  const int saved = dup(STDERR_FILENO);
  dup2(Argument(env, info), STDERR_FILENO);
  napi_value result;
  napi_create_int32(env, saved, &result);
  return result;
}

napi_value Restore(napi_env env, napi_callback_info info) {
  const int saved = Argument(env, info);
  dup2(saved, STDERR_FILENO);
  close(saved);
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "redirect", NAPI_AUTO_LENGTH, Redirect, nullptr, &function);
  napi_set_named_property(env, exports, "redirect", function);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &function);
  napi_set_named_property(env, exports, "restore", function);
  return exports;
}
