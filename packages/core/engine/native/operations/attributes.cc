#include "operation.h"
#include "tensorflow/core/framework/shape_inference.h"

namespace dualprior {

/** The C API tells types only, but its context is TensorFlow's own. */
std::vector<int64_t> Attributes::integers(const char* name) const {
  using tensorflow::shape_inference::InferenceContext;
  std::vector<int64_t> values;
  const auto status = reinterpret_cast<const InferenceContext*>(context_)->GetAttr(name, &values);
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
  return values;
}

}  // namespace dualprior
