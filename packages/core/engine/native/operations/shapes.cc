#include <algorithm>
#include <cstring>
#include <optional>

#include "operation.h"

namespace dualprior {
namespace {

/** `[2, ?, 3]`. */
std::string Text(const Shape& shape) {
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : ", ") + (size < 0 ? "?" : std::to_string(size));
  return "[" + text + "]";
}

/** Whether two shapes can be the same. */
bool Fits(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](int64_t x, int64_t y) { return x == y || x < 0 || y < 0; });
}

/** The shape of an input, where its rank is known. */
std::optional<Shape> InputShape(TF_ShapeInferenceContext* context, int input, TF_Status* status) {
  std::optional<Shape> shape;
  TF_ShapeHandle* handle = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, input, handle, status);
  if (TF_ShapeInferenceContextRankKnown(context, handle)) {
    shape.emplace();
    TF_DimensionHandle* dimension = TF_NewDimensionHandle();
    for (int64_t i = 0; i < TF_ShapeInferenceContextRank(context, handle); i++) {
      TF_ShapeInferenceContextDim(context, handle, i, dimension);
      shape->push_back(TF_DimensionHandleValueKnown(dimension) ? TF_DimensionHandleValue(dimension) : -1);
    }
    TF_DeleteDimensionHandle(dimension);
  }
  TF_DeleteShapeHandle(handle);
  return shape;
}

void SetOutputShape(TF_ShapeInferenceContext* context, int output, const Shape& shape, TF_Status* status) {
  TF_ShapeHandle* handle = TF_ShapeInferenceContextScalar(context);
  for (int64_t size : shape) {
    TF_ShapeHandle* dimension = TF_ShapeInferenceContextVectorFromSize(context, size);
    TF_ShapeInferenceContextConcatenateShapes(context, handle, dimension, handle, status);
    TF_DeleteShapeHandle(dimension);
  }
  TF_ShapeInferenceContextSetOutput(context, output, handle, status);
  TF_DeleteShapeHandle(handle);
}

}  // namespace

const Shape& InputShapes::Require(int i, const Shape& wanted) const {
  if (!Fits(shapes_.at(i), wanted)) Refuse(i, "must have " + Text(wanted));
  return shapes_[i];
}

void InputShapes::Refuse(int i, const std::string& demand) const {
  const size_t last = declaration_.inputs.size() - 1;  // it may be a list
  const char* input = declaration_.inputs[std::min<size_t>(i, last)];
  const std::string name(input, std::strcspn(input, ":"));
  throw std::runtime_error(std::string(declaration_.name) + ": " + name + " has the shape " + Text(shapes_[i]) +
                           ", but " + demand);
}

Execution::Execution(TF_OpKernelContext* context, const Declaration& declaration) : context_(context) {
  const int count = TF_NumInputs(context);
  std::vector<Shape> shapes;
  Status status;
  for (int i = 0; i < count; i++) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context, i, &tensor, status);
    status.Check();
    shapes.push_back(inputs_.emplace_back(tensor).shape());
  }
  outputs_ = declaration.shapes(InputShapes(declaration, std::move(shapes)), Attributes(context));
}

Floats Execution::output(int i) const {
  const Shape& shape = outputs_.at(i);
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  Status status;
  TF_Tensor* tensor =
      TF_AllocateOutput(context_, i, TF_FLOAT, shape.data(), shape.size(), count * sizeof(float), status);
  status.Check();
  return Floats(tensor);
}

void InferShapes(const Declaration& declaration, TF_ShapeInferenceContext* context, TF_Status* status) {
  try {
    std::vector<Shape> inputs;
    for (int64_t i = 0; i < TF_ShapeInferenceContextNumInputs(context); i++) {
      std::optional<Shape> shape = InputShape(context, i, status);
      if (!shape) return TF_ShapeInferenceContextSetUnknownShape(context, status);
      inputs.push_back(std::move(*shape));
    }
    const auto outputs = declaration.shapes(InputShapes(declaration, std::move(inputs)), Attributes(context));
    for (size_t i = 0; i < outputs.size(); i++) SetOutputShape(context, i, outputs[i], status);
  } catch (const std::exception& error) {
    TF_SetStatus(status, TF_INVALID_ARGUMENT, error.what());
  }
}

}  // namespace dualprior
