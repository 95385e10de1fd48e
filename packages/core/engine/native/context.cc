// Linked into tfjs-node's addon with `-Wl,--wrap=TFE_NewContext`: remembers the context that the addon makes, so that our
// own addon can register functions in it. No source of tfjs-node is changed.

#include "tensorflow/c/eager/c_api.h"

static TFE_Context* context = nullptr;

extern "C" {

TFE_Context* __real_TFE_NewContext(const TFE_ContextOptions* options, TF_Status* status);

TFE_Context* __wrap_TFE_NewContext(const TFE_ContextOptions* options, TF_Status* status) {
  return context = __real_TFE_NewContext(options, status);
}

/** The context in which tfjs-node runs; null before it has made one. */
__attribute__((visibility("default"))) TFE_Context* DualpriorContext() { return context; }
}
