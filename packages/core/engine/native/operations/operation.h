#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace tensorflow {
class AttrValue;
}

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
  Floats(Floats&& other) noexcept : tensor_(other.tensor_) { other.tensor_ = nullptr; }
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

/** A size that is not known is -1; when an operation is executed, all are known. */
using Shape = std::vector<int64_t>;

/** The attributes of an operation. */
class Attributes {
 public:
  explicit Attributes(TF_ShapeInferenceContext* context);
  explicit Attributes(TF_OpKernelConstruction* construction);
  explicit Attributes(TF_OpKernelContext* context);

  float number(const char* name) const;
  int64_t integer(const char* name) const;
  /** A list of two integers. Throws for a list of another length. */
  std::array<int64_t, 2> pair(const char* name) const;

 private:
  std::function<const tensorflow::AttrValue&(const char* name)> find_;
};

class InputShapes;

/** What an operation is, as TF_OpDefinitionBuilder takes it. */
struct Declaration {
  const char* name;
  std::vector<const char*> attributes, inputs, outputs;
  /**
   * Shapes of the outputs. It throws for inputs and attributes that the operation does not take. TensorFlow calls it
   * when it builds a graph, and each execution begins with it: so a kernel need not check shapes, and its outputs are
   * what the graph expects.
   */
  std::vector<Shape> (*shapes)(const InputShapes& inputs, const Attributes& attributes);
};

/** The shapes of the inputs of an operation, with what it requires of them. Sizes that are not known pass. */
class InputShapes {
 public:
  InputShapes(const Declaration& declaration, std::vector<Shape> shapes)
      : declaration_(declaration), shapes_(std::move(shapes)) {}

  int count() const { return static_cast<int>(shapes_.size()); }
  const Shape& operator[](int i) const { return shapes_.at(i); }

  const Shape& OfRank(int i, size_t rank) const {
    if (shapes_.at(i).size() != rank) Refuse(i, "must have rank " + std::to_string(rank));
    return shapes_[i];
  }

  const Shape& OfRankAtLeast(int i, size_t rank) const {
    if (shapes_.at(i).size() < rank) Refuse(i, "must have rank " + std::to_string(rank) + " or more");
    return shapes_[i];
  }

  const Shape& Require(int i, const Shape& wanted) const;

  /** Throws: what is wrong with input `i`. */
  [[noreturn]] void Refuse(int i, const std::string& demand) const;

 private:
  const Declaration& declaration_;
  const std::vector<Shape> shapes_;
};

/** One execution of an operation. */
class Execution {
 public:
  /** Throws for inputs that the operation does not take. */
  Execution(TF_OpKernelContext* context, const Declaration& declaration);

  int inputs() const { return static_cast<int>(inputs_.size()); }
  const Floats& input(int i) const { return inputs_.at(i); }
  float scalar(int i) const { return input(i).data()[0]; }

  /** Allocates output `i`, of the shape that the operation's declaration gives it. */
  Floats output(int i) const;

  /**
   * Calls `part(begin, end)` for parts that together are [0, count), on TensorFlow's threads for operations. Each is of
   * `grain` but for the last, whatever the number of threads: so part `begin / grain` can have sums of its own. What
   * parts throw is thrown when all have ended.
   */
  void ForParts(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& part) const;

 private:
  TF_OpKernelContext* context_;
  std::vector<Floats> inputs_;
  std::vector<Shape> outputs_;
};

/** Gives TensorFlow the shapes of the outputs; where the rank of an input is not known, none of an output is. */
void InferShapes(const Declaration& declaration, TF_ShapeInferenceContext* context, TF_Status* status);

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

/** Makes TensorFlow know the operation `Kernel`, which has a `declaration()`, is made of its attributes, and has
 * `Compute(Execution)`. */
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

  const auto create = [](TF_OpKernelConstruction* construction) -> void* {
    try {
      return new Kernel(Attributes(construction));
    } catch (const std::exception& error) {
      Status failure;
      TF_SetStatus(failure, TF_INVALID_ARGUMENT, error.what());
      TF_OpKernelConstruction_Failure(construction, failure);
      return nullptr;
    }
  };
  const auto compute = [](void* kernel, TF_OpKernelContext* context) {
    OrFailure(context, [&] { static_cast<const Kernel*>(kernel)->Compute(Execution(context, Kernel::declaration())); });
  };
  const auto destroy = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  TF_RegisterKernelBuilder(declaration.name, TF_NewKernelBuilder(declaration.name, "CPU", create, compute, destroy),
                           status);
  status.Check();
}

}  // namespace dualprior
