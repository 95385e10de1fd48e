#include "operation.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/node_def_util.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/shape_inference.h"

namespace dualprior {
namespace {

using tensorflow::AttrValue;

const AttrValue& Found(const AttrValue* value, const char* name) {
  if (value == nullptr) throw std::runtime_error(std::string("the attribute ") + name + " is missing");
  return *value;
}

auto In(const tensorflow::NodeDef& node) {
  return [&node](const char* name) -> const AttrValue& { return Found(tensorflow::AttrSlice(node).Find(name), name); };
}

}  // namespace

// The C API offers no attributes to an execution, and to a shape inference their types only; but its contexts are
// TensorFlow's own.

Attributes::Attributes(TF_ShapeInferenceContext* context)
    : find_([context](const char* name) -> const AttrValue& {
        return Found(reinterpret_cast<tensorflow::shape_inference::InferenceContext*>(context)->GetAttr(name), name);
      }) {}

Attributes::Attributes(TF_OpKernelConstruction* construction)
    : find_(In(reinterpret_cast<tensorflow::OpKernelConstruction*>(construction)->def())) {}

Attributes::Attributes(TF_OpKernelContext* context)
    : find_(In(reinterpret_cast<tensorflow::OpKernelContext*>(context)->op_kernel().def())) {}

float Attributes::number(const char* name) const { return find_(name).f(); }

int64_t Attributes::integer(const char* name) const { return find_(name).i(); }

std::array<int64_t, 2> Attributes::pair(const char* name) const {
  const auto& values = find_(name).list().i();
  if (values.size() == 2) return {values[0], values[1]};
  throw std::runtime_error(std::string(name) + " has " + std::to_string(values.size()) + " entries, but must have 2");
}

}  // namespace dualprior
