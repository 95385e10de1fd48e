// The passes over all numbers of a network that follow its gradient, each in one operation. Gradients come as a list, a tensor a parameter,
// in the order in which the parameters lie in the vector of all: so they need not be put together first.

#include <algorithm>
#include <cmath>

#include "operation.h"
#include "operations.h"
#include "processor.h"

namespace dualprior {
namespace {

constexpr int64_t kGrain = 1 << 16;

/** Where the gradients of [begin, end) of the vector are, piece by piece: calls `visit(gradient, begin, count)`. */
class GradientList {
 public:
  GradientList(const Execution& execution, int first) {
    for (int i = first; i < execution.inputs(); i++) {
      tensors_.push_back(execution.input(i));
      starts_.push_back(size_);
      size_ += tensors_.back().size();
    }
  }

  int64_t size() const { return size_; }

  template <typename Visit>
  void Pieces(int64_t begin, int64_t end, Visit visit) const {
    size_t i = std::upper_bound(starts_.begin(), starts_.end(), begin) - starts_.begin() - 1;
    for (; begin < end; i++) {
      const int64_t stop = std::min(end, starts_[i] + tensors_[i].size());
      if (stop > begin) visit(tensors_[i].data() + (begin - starts_[i]), begin, stop - begin);
      begin = std::max(begin, stop);
    }
  }

 private:
  std::vector<Floats> tensors_;
  std::vector<int64_t> starts_;
  int64_t size_ = 0;
};

double SumOfSquares(const float* values, int64_t count) {
  double lanes[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int lane = 0; lane < 8; lane++) lanes[lane] += static_cast<double>(values[i + lane]) * values[i + lane];
  }
  double sum = 0;
  for (; i < count; i++) sum += static_cast<double>(values[i]) * values[i];
  for (double lane : lanes) sum += lane;
  return sum;
}

struct GradientNorm {
  static const Declaration& declaration() {
    static const Declaration norm{
        "DualpriorGradientNorm",
        {"N: int"},
        {"gradients: N * float"},
        {"norm: float"},
        [](const std::vector<Shape>&) { return std::vector<Shape>{{}}; }};
    return norm;
  }

  explicit GradientNorm(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const GradientList gradients(execution, 0);
    std::vector<double> sums((gradients.size() + kGrain - 1) / kGrain, 0);
    execution.ForParts(gradients.size(), kGrain, [&](int64_t begin, int64_t end) {
      gradients.Pieces(begin, end, [&](const float* gradient, int64_t, int64_t count) {
        sums[begin / kGrain] += SumOfSquares(gradient, count);
      });
    });
    double sum = 0;
    for (double part : sums) sum += part;
    execution.output(0, {}).data()[0] = static_cast<float>(std::sqrt(sum));
  }
};

struct Rule {
  float beta1, rest1, beta2, rest2, epsilon, penalty;
  float scale, kept, rate, deviation;
};

FOR_THIS_PROCESSOR
void AdamPart(const Rule rule, int64_t count, const float* __restrict gradient, const float* __restrict weights,
              const float* __restrict mean, const float* __restrict square, float* __restrict new_weights,
              float* __restrict new_mean, float* __restrict new_square) {
  for (int64_t i = 0; i < count; i++) {
    const float g = gradient[i] * rule.scale + weights[i] * rule.penalty;
    const float m = mean[i] * rule.beta1 + g * rule.rest1;
    const float v = square[i] * rule.beta2 + g * g * rule.rest2;
    new_mean[i] = m;
    new_square[i] = v;
    new_weights[i] = weights[i] * rule.kept - rule.rate * (m / (std::sqrt(v) / rule.deviation + rule.epsilon));
  }
}

/** See packages/core/nn/ops/adam.ts. */
struct Adam {
  static const Declaration& declaration() {
    static const Declaration adam{
        "DualpriorAdam",
        {"N: int", "beta1: float", "rest1: float", "beta2: float", "rest2: float", "epsilon: float", "penalty: float"},
        {"weights: float", "mean: float", "mean_square: float", "scale: float", "kept: float", "rate: float",
         "deviation: float", "gradients: N * float"},
        {"new_weights: float", "new_mean: float", "new_mean_square: float"},
        [](const std::vector<Shape>& inputs) { return std::vector<Shape>(3, inputs[0]); }};
    return adam;
  }

  explicit Adam(TF_OpKernelConstruction* construction) {
    const auto attribute = [&](const char* name) { return FloatAttribute(construction, name); };
    rule_.beta1 = attribute("beta1");
    rule_.rest1 = attribute("rest1");
    rule_.beta2 = attribute("beta2");
    rule_.rest2 = attribute("rest2");
    rule_.epsilon = attribute("epsilon");
    rule_.penalty = attribute("penalty");
  }

  void Compute(const Execution& execution) {
    const Floats weights = execution.input(0), mean = execution.input(1), square = execution.input(2);
    Rule rule = rule_;
    rule.scale = execution.scalar(3);
    rule.kept = execution.scalar(4);
    rule.rate = execution.scalar(5);
    rule.deviation = execution.scalar(6);
    const GradientList gradients(execution, 7);
    const int64_t size = weights.size();
    if (mean.size() != size || square.size() != size || gradients.size() != size) {
      throw std::runtime_error("weights, means and gradients are not equally many");
    }
    const Floats new_weights = execution.output(0, {size}), new_mean = execution.output(1, {size}),
                 new_square = execution.output(2, {size});
    execution.ForParts(size, kGrain, [&](int64_t begin, int64_t end) {
      gradients.Pieces(begin, end, [&](const float* gradient, int64_t at, int64_t count) {
        AdamPart(rule, count, gradient, weights.data() + at, mean.data() + at, square.data() + at,
                 new_weights.data() + at, new_mean.data() + at, new_square.data() + at);
      });
    });
  }

 private:
  Rule rule_{};
};

FOR_THIS_PROCESSOR
void MixPart(int64_t count, const float* __restrict a, const float* __restrict b, float part, float rest,
             float* __restrict mixed) {
  for (int64_t i = 0; i < count; i++) mixed[i] = a[i] * part + b[i] * rest;
}

/** part a + (1 - part) b. */
struct Mix {
  static const Declaration& declaration() {
    static const Declaration mix{
        "DualpriorMix",
        {},
        {"a: float", "b: float", "part: float"},
        {"mixed: float"},
        [](const std::vector<Shape>& inputs) { return std::vector<Shape>{inputs[0]}; }};
    return mix;
  }

  explicit Mix(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats a = execution.input(0), b = execution.input(1);
    const float part = execution.scalar(2);
    if (a.size() != b.size()) throw std::runtime_error("what is mixed is not of one size");
    const Floats mixed = execution.output(0, a.shape());
    execution.ForParts(a.size(), kGrain, [&](int64_t begin, int64_t end) {
      MixPart(end - begin, a.data() + begin, b.data() + begin, part, 1 - part, mixed.data() + begin);
    });
  }
};

}  // namespace

void RegisterOptimizerOperations() {
  Register<GradientNorm>();
  Register<Adam>();
  Register<Mix>();
}

}  // namespace dualprior
