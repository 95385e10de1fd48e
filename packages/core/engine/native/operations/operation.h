#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace dualprior {

/** What TensorFlow refused. */
struct Refusal : std::runtime_error {
  explicit Refusal(const TF_Status* status) : std::runtime_error(TF_Message(status)), code(TF_GetCode(status)) {}
  const TF_Code code;
};

struct Status {
  TF_Status* status = TF_NewStatus();
  ~Status() { TF_DeleteStatus(status); }
  operator TF_Status*() const { return status; }
  void Check() const {
    if (TF_GetCode(status) != TF_OK) throw Refusal(status);
  }
};

/** A tensor of float32. */
class Floats {
 public:
  explicit Floats(TF_Tensor* tensor) : tensor_(tensor) {}
  Floats(Floats&& other) : tensor_(other.tensor_) { other.tensor_ = nullptr; }
  ~Floats() {
    if (tensor_ != nullptr) TF_DeleteTensor(tensor_);
  }
  float* data() const { return static_cast<float*>(TF_TensorData(tensor_)); }
  int64_t size() const { return TF_TensorElementCount(tensor_); }
  int rank() const { return TF_NumDims(tensor_); }
  int64_t dimension(int i) const { return TF_Dim(tensor_, i); }
  std::vector<int64_t> shape() const {
    std::vector<int64_t> sizes(rank());
    for (int i = 0; i < rank(); i++) sizes[i] = dimension(i);
    return sizes;
  }

 private:
  TF_Tensor* tensor_;
};

/** One execution of an operation. */
class Execution {
 public:
  explicit Execution(TF_OpKernelContext* context) : context_(context) {}

  int inputs() const { return TF_NumInputs(context_); }

  Floats input(int i) const {
    TF_Tensor* tensor = nullptr;
    Status status;
    TF_GetInput(context_, i, &tensor, status);
    status.Check();
    return Floats(tensor);
  }

  Floats matrix(int i) const {
    Floats tensor = input(i);
    if (tensor.rank() != 2) throw std::runtime_error("input " + std::to_string(i) + " is no matrix");
    return tensor;
  }

  Floats matrix(int i, int64_t rows, int64_t columns) const {
    Floats tensor = matrix(i);
    if (tensor.dimension(0) == rows && tensor.dimension(1) == columns) return tensor;
    throw std::runtime_error("input " + std::to_string(i) + " is not of " + std::to_string(rows) + " x " +
                             std::to_string(columns) + " numbers");
  }

  Floats vector(int i, int64_t size) const {
    Floats tensor = input(i);
    if (tensor.size() == size) return tensor;
    throw std::runtime_error("input " + std::to_string(i) + " has not " + std::to_string(size) + " numbers");
  }

  float scalar(int i) const {
    const Floats value = input(i);
    if (value.size() != 1) throw std::runtime_error("input " + std::to_string(i) + " is not one number");
    return value.data()[0];
  }

  Floats output(int i, const std::vector<int64_t>& shape) const {
    int64_t count = 1;
    for (int64_t size : shape) count *= size;
    Status status;
    TF_Tensor* tensor =
        TF_AllocateOutput(context_, i, TF_FLOAT, shape.data(), shape.size(), count * sizeof(float), status);
    status.Check();
    return Floats(tensor);
  }

  /**
   * Calls `part(begin, end)` for parts that together are [0, count), on TensorFlow's threads for operations. Each is of `grain` but for the
   * last, whatever the number of threads: so part `begin / grain` can have sums of its own. What parts throw is thrown when all have ended.
   */
  void ForParts(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& part) const;

 private:
  TF_OpKernelContext* context_;
};

/** A size that is not known is -1. */
using Shape = std::vector<int64_t>;

/** The attributes of an operation whose shapes are asked for. */
class Attributes {
 public:
  explicit Attributes(TF_ShapeInferenceContext* context) : context_(context) {}
  std::vector<int64_t> integers(const char* name) const;

 private:
  TF_ShapeInferenceContext* context_;
};

/** What an operation is, as TF_OpDefinitionBuilder takes it. */
struct Declaration {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  /** Shapes of the outputs, from those of the inputs. Throws for inputs of a rank that the operation does not take. */
  std::vector<Shape> (*shapes)(const std::vector<Shape>& inputs);
  /** The same where the attributes count too: instead of `shapes`. */
  std::vector<Shape> (*shapes_by_attributes)(const std::vector<Shape>& inputs, const Attributes& attributes) = nullptr;
};

/** The shape of an input, where its rank is known. */
inline std::optional<Shape> InputShape(TF_ShapeInferenceContext* context, int input, TF_Status* status) {
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

inline void SetOutputShape(TF_ShapeInferenceContext* context, int output, const Shape& shape, TF_Status* status) {
  TF_ShapeHandle* handle = TF_ShapeInferenceContextScalar(context);
  for (int64_t size : shape) {
    TF_ShapeHandle* dimension = TF_ShapeInferenceContextVectorFromSize(context, size);
    TF_ShapeInferenceContextConcatenateShapes(context, handle, dimension, handle, status);
    TF_DeleteShapeHandle(dimension);
  }
  TF_ShapeInferenceContextSetOutput(context, output, handle, status);
  TF_DeleteShapeHandle(handle);
}

/** Tells TensorFlow the shapes of the outputs; where the rank of an input is not known, none of an output is. */
inline void InferShapes(const Declaration& declaration, TF_ShapeInferenceContext* context, TF_Status* status) {
  try {
    std::vector<Shape> inputs;
    for (int64_t i = 0; i < TF_ShapeInferenceContextNumInputs(context); i++) {
      std::optional<Shape> shape = InputShape(context, i, status);
      if (!shape) return TF_ShapeInferenceContextSetUnknownShape(context, status);
      inputs.push_back(std::move(*shape));
    }
    const std::vector<Shape> outputs = declaration.shapes_by_attributes
                                           ? declaration.shapes_by_attributes(inputs, Attributes(context))
                                           : declaration.shapes(inputs);
    for (size_t i = 0; i < outputs.size(); i++) SetOutputShape(context, i, outputs[i], status);
  } catch (const std::exception&) {
    TF_SetStatus(status, TF_INVALID_ARGUMENT,
                 (std::string(declaration.name) + " does not take inputs of these ranks").c_str());
  }
}

/** Calls `compute`; what it throws is TensorFlow's to tell. */
template <typename Function>
void OrFailure(TF_OpKernelContext* context, Function compute) {
  const auto fail = [context](TF_Code code, const char* message) {
    Status status;
    TF_SetStatus(status, code, message);
    TF_OpKernelContext_Failure(context, status);
  };
  try {
    compute();
  } catch (const Refusal& refusal) {
    fail(refusal.code, refusal.what());
  } catch (const std::bad_alloc&) {
    fail(TF_RESOURCE_EXHAUSTED, "there is not enough memory for what the operation needs beside its result");
  } catch (const std::exception& error) {
    fail(TF_INVALID_ARGUMENT, error.what());
  }
}

/** Makes TensorFlow know the operation `Kernel`, which has a `declaration()`, is made of a TF_OpKernelConstruction, and has `Compute(Execution)`. */
template <typename Kernel>
void Register() {
  const Declaration& declaration = Kernel::declaration();
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(declaration.name);
  for (const char* attribute : declaration.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  for (const char* input : declaration.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : declaration.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    InferShapes(Kernel::declaration(), context, status);
  });
  Status status;
  TF_RegisterOpDefinition(builder, status);
  status.Check();

  const auto create = [](TF_OpKernelConstruction* construction) -> void* { return new Kernel(construction); };
  const auto compute = [](void* kernel, TF_OpKernelContext* context) {
    OrFailure(context, [&] { static_cast<Kernel*>(kernel)->Compute(Execution(context)); });
  };
  const auto destroy = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  TF_RegisterKernelBuilder(declaration.name, TF_NewKernelBuilder(declaration.name, "CPU", create, compute, destroy),
                           status);
  status.Check();
}

inline float FloatAttribute(TF_OpKernelConstruction* construction, const char* name) {
  Status status;
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return value;
}

inline int64_t IntegerAttribute(TF_OpKernelConstruction* construction, const char* name) {
  Status status;
  int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return value;
}

/** A list of two integers. */
inline std::array<int64_t, 2> PairAttribute(TF_OpKernelConstruction* construction, const char* name) {
  Status status;
  std::array<int64_t, 2> values{};
  TF_OpKernelConstruction_GetAttrInt64List(construction, name, values.data(), values.size(), status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  return values;
}

}  // namespace dualprior
