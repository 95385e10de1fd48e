// The passes over all numbers of a network that follow its gradient, each in one operation. Gradients come as a list, a
// tensor a parameter, in the order in which the parameters lie in the vector of all: so they need not be put together
// first.

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
      tensors_.push_back(&execution.input(i));
      starts_.push_back(size_);
      size_ += tensors_.back()->size();
    }
  }

  int64_t size() const { return size_; }

  template <typename Visit>
  void Pieces(int64_t begin, int64_t end, Visit visit) const {
    size_t i = std::upper_bound(starts_.begin(), starts_.end(), begin) - starts_.begin() - 1;
    for (; begin < end; i++) {
      const int64_t stop = std::min(end, starts_[i] + tensors_[i]->size());
      if (stop > begin) visit(tensors_[i]->data() + (begin - starts_[i]), begin, stop - begin);
      begin = std::max(begin, stop);
    }
  }

 private:
  std::vector<const Floats*> tensors_;
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
    static const Declaration norm{"DualpriorGradientNorm",
                                  {"N: int"},
                                  {"gradients: N * float"},
                                  {"norm: float"},
                                  [](const InputShapes&, const Attributes&) { return std::vector<Shape>{{}}; }};
    return norm;
  }

  explicit GradientNorm(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const GradientList gradients(execution, 0);
    std::vector<double> sums((gradients.size() + kGrain - 1) / kGrain, 0);
    execution.ForParts(gradients.size(), kGrain, [&](int64_t begin, int64_t end) {
      gradients.Pieces(begin, end, [&](const float* gradient, int64_t, int64_t count) {
        sums[begin / kGrain] += SumOfSquares(gradient, count);
      });
    });
    double sum = 0;
    for (double part : sums) sum += part;
    execution.output(0).data()[0] = static_cast<float>(std::sqrt(sum));
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

/** Requires that the inputs from `first` on together have as many numbers as the weights. */
void RequireEqualCount(const InputShapes& inputs, int first, int64_t weights) {
  int64_t sum = 0;
  for (int i = first; i < inputs.count(); i++) {
    int64_t count = 1;
    for (int64_t size : inputs[i]) {
      if (size < 0) return;
      count *= size;
    }
    sum += count;
  }
  if (weights < 0 || sum == weights) return;
  inputs.Refuse(0, "must have as many numbers as all gradients: " + std::to_string(sum));
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
        [](const InputShapes& inputs, const Attributes&) {
          const Shape& weights = inputs.OfRank(0, 1);
          for (int i : {1, 2}) inputs.Require(i, weights);
          for (int i : {3, 4, 5, 6}) inputs.Require(i, {});
          RequireEqualCount(inputs, 7, weights[0]);
          return std::vector<Shape>(3, weights);
        }};
    return adam;
  }

  explicit Adam(const Attributes& attributes) {
    rule_.beta1 = attributes.number("beta1");
    rule_.rest1 = attributes.number("rest1");
    rule_.beta2 = attributes.number("beta2");
    rule_.rest2 = attributes.number("rest2");
    rule_.epsilon = attributes.number("epsilon");
    rule_.penalty = attributes.number("penalty");
  }

  void Compute(const Execution& execution) const {
    const Floats &weights = execution.input(0), &mean = execution.input(1), &square = execution.input(2);
    Rule rule = rule_;
    rule.scale = execution.scalar(3);
    rule.kept = execution.scalar(4);
    rule.rate = execution.scalar(5);
    rule.deviation = execution.scalar(6);
    const GradientList gradients(execution, 7);
    const Floats new_weights = execution.output(0), new_mean = execution.output(1), new_square = execution.output(2);
    execution.ForParts(weights.size(), kGrain, [&](int64_t begin, int64_t end) {
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
    static const Declaration mix{"DualpriorMix",
                                 {},
                                 {"a: float", "b: float", "part: float"},
                                 {"mixed: float"},
                                 [](const InputShapes& inputs, const Attributes&) {
                                   const Shape& a = inputs[0];
                                   inputs.Require(1, a);
                                   inputs.Require(2, {});
                                   return std::vector<Shape>{a};
                                 }};
    return mix;
  }

  explicit Mix(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &a = execution.input(0), &b = execution.input(1);
    const float part = execution.scalar(2);
    const Floats mixed = execution.output(0);
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
