// A Node module without TensorFlow that asks NVIDIA's driver what there is, and opens libraries.
//
//   open(library) -> null | why it does not open. It stays open, and is found by its name from then on.
//   devices(driver) -> {version, devices: [{name, bytes, capability}]} | {missing} | {failed, code}
//     `driver` is the driver's library, `libcuda.so.1`; `version` the CUDA release that it supports, e.g. 12080.

#include <dlfcn.h>
#include <node_api.h>

#include <string>

namespace {

// From NVIDIA's CUDA Driver API, whose functions keep their names and forms.
using Result = int;
using Device = int;
constexpr Result SUCCESS = 0;
constexpr int COMPUTE_CAPABILITY_MAJOR = 75;
constexpr int COMPUTE_CAPABILITY_MINOR = 76;

struct Driver {
  Result (*init)(unsigned flags);
  Result (*version)(int* version);
  Result (*count)(int* count);
  Result (*device)(Device* device, int ordinal);
  Result (*name)(char* name, int length, Device device);
  Result (*memory)(size_t* bytes, Device device);
  Result (*attribute)(int* value, int attribute, Device device);
  Result (*error)(Result result, const char** text);

  explicit Driver(void* library) {
    Find(library, "cuInit", &init);
    Find(library, "cuDriverGetVersion", &version);
    Find(library, "cuDeviceGetCount", &count);
    Find(library, "cuDeviceGet", &device);
    Find(library, "cuDeviceGetName", &name);
    Find(library, "cuDeviceTotalMem_v2", &memory);
    Find(library, "cuDeviceGetAttribute", &attribute);
    Find(library, "cuGetErrorString", &error);
  }

  bool complete = true;

 private:
  template <typename Function>
  void Find(void* library, const char* symbol, Function** function) {
    *function = reinterpret_cast<Function*>(dlsym(library, symbol));
    if (*function == nullptr) complete = false;
  }
};

struct Js {
  napi_env env;

  std::string Argument(napi_callback_info info) const {
    size_t count = 1, length = 0;
    napi_value argument;
    napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
    napi_get_value_string_utf8(env, argument, nullptr, 0, &length);
    std::string text(length, '\0');
    napi_get_value_string_utf8(env, argument, &text[0], length + 1, &length);
    return text;
  }
  napi_value Text(const char* text) const {
    napi_value value;
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
    return value;
  }
  napi_value Number(double number) const {
    napi_value value;
    napi_create_double(env, number, &value);
    return value;
  }
  napi_value Object() const {
    napi_value value;
    napi_create_object(env, &value);
    return value;
  }
  void Set(napi_value object, const char* name, napi_value value) const {
    napi_set_named_property(env, object, name, value);
  }
};

napi_value Open(napi_env env, napi_callback_info info) {
  const Js js{env};
  if (dlopen(js.Argument(info).c_str(), RTLD_LAZY | RTLD_LOCAL) != nullptr) {
    napi_value null;
    napi_get_null(env, &null);
    return null;
  }
  return js.Text(dlerror());
}

napi_value Failed(const Js& js, const Driver& driver, Result result) {
  const char* text = nullptr;
  if (driver.error(result, &text) != SUCCESS || text == nullptr) text = "unknown error";
  napi_value object = js.Object();
  js.Set(object, "failed", js.Text(text));
  js.Set(object, "code", js.Number(result));
  return object;
}

napi_value Missing(const Js& js, const char* why) {
  napi_value object = js.Object();
  js.Set(object, "missing", js.Text(why));
  return object;
}

napi_value Devices(napi_env env, napi_callback_info info) {
  const Js js{env};
  const std::string file = js.Argument(info);
  void* library = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return Missing(js, dlerror());
  const Driver driver(library);
  if (!driver.complete) return Missing(js, (file + ": this is not a driver's library").c_str());

  int version = 0, count = 0;
  for (Result result : {driver.init(0), driver.version(&version), driver.count(&count)}) {
    if (result != SUCCESS) return Failed(js, driver, result);
  }
  napi_value devices;
  napi_create_array(env, &devices);
  for (int i = 0; i < count; i++) {
    Device device = 0;
    char name[256] = "";
    size_t bytes = 0;
    int major = 0, minor = 0;
    for (Result result : {driver.device(&device, i), driver.name(name, sizeof name, device), driver.memory(&bytes, device),
                          driver.attribute(&major, COMPUTE_CAPABILITY_MAJOR, device),
                          driver.attribute(&minor, COMPUTE_CAPABILITY_MINOR, device)}) {
      if (result != SUCCESS) return Failed(js, driver, result);
    }
    napi_value found = js.Object();
    js.Set(found, "name", js.Text(name));
    js.Set(found, "bytes", js.Number(static_cast<double>(bytes)));
    js.Set(found, "capability", js.Text((std::to_string(major) + "." + std::to_string(minor)).c_str()));
    napi_set_element(env, devices, i, found);
  }
  napi_value object = js.Object();
  js.Set(object, "version", js.Number(version));
  js.Set(object, "devices", devices);
  return object;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "open", NAPI_AUTO_LENGTH, Open, nullptr, &function);
  napi_set_named_property(env, exports, "open", function);
  napi_create_function(env, "devices", NAPI_AUTO_LENGTH, Devices, nullptr, &function);
  napi_set_named_property(env, exports, "devices", function);
  return exports;
}
