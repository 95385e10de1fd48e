// StyleGAN2's activation in one pass over memory: see packages/core/nn/ops/fused-leaky-relu.ts.

#include "operation.h"
#include "operations.h"
#include "processor.h"
#include "rows.h"

namespace dualprior {
namespace {

/** A leaky ReLU of what has a bias for each channel. */
struct Activation {
  explicit Activation(const Attributes& attributes)
      : gain(attributes.number("gain")), slope(attributes.number("slope")) {}
  float gain, slope;
};

/** The last dimension. */
int64_t Channels(const Floats& x) { return x.dimension(x.rank() - 1); }

FOR_THIS_PROCESSOR
void Activate(int64_t pixels, int64_t channels, float slope, const float* __restrict x, const float* __restrict shift,
              float* __restrict y) {
  for (int64_t p = 0; p < pixels; p++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = x[c] + shift[c];
      y[c] = value > 0 ? value : value * slope;
    }
  }
}

struct FusedLeakyRelu {
  static const Declaration& declaration() {
    static const Declaration activation{"DualpriorFusedLeakyRelu",
                                        {"gain: float", "slope: float"},
                                        {"x: float", "bias: float"},
                                        {"y: float"},
                                        [](const InputShapes& inputs, const Attributes&) {
                                          const Shape& x = inputs.OfRankAtLeast(0, 1);
                                          inputs.Require(1, {x.back()});
                                          return std::vector<Shape>{x};
                                        }};
    return activation;
  }

  explicit FusedLeakyRelu(const Attributes& attributes) : activation_(attributes) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &bias = execution.input(1);
    const int64_t channels = Channels(x), pixels = channels == 0 ? 0 : x.size() / channels;
    const Floats y = execution.output(0);
    std::vector<float> shift(bias.data(), bias.data() + channels);
    for (float& value : shift) value *= activation_.gain;
    execution.ForParts(pixels, Grain(2 * channels), [&](int64_t begin, int64_t end) {
      const int64_t at = begin * channels;
      Activate(end - begin, channels, activation_.slope, x.data() + at, shift.data(), y.data() + at);
    });
  }

 private:
  const Activation activation_;
};

FOR_THIS_PROCESSOR
void ActivateGradient(int64_t pixels, int64_t channels, float slope, const float* __restrict dy,
                      const float* __restrict y, float* __restrict dx, float* __restrict sums) {
  for (int64_t p = 0; p < pixels; p++, dy += channels, y += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = y[c] > 0 ? dy[c] : dy[c] * slope;
      dx[c] = value;
      sums[c] += value;
    }
  }
}

struct FusedLeakyReluGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorFusedLeakyReluGradient",
                                      {"gain: float", "slope: float"},
                                      {"dy: float", "y: float"},
                                      {"dx: float", "of_bias: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& y = inputs.OfRankAtLeast(1, 1);
                                        inputs.Require(0, y);
                                        return std::vector<Shape>{y, {y.back()}};
                                      }};
    return gradient;
  }

  explicit FusedLeakyReluGradient(const Attributes& attributes) : activation_(attributes) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &y = execution.input(1);
    const int64_t channels = Channels(y), pixels = channels == 0 ? 0 : y.size() / channels, grain = Grain(2 * channels);
    const Floats dx = execution.output(0), of_bias = execution.output(1);
    PartialSums sums(Parts(pixels, grain), channels);
    execution.ForParts(pixels, grain, [&](int64_t begin, int64_t end) {
      const int64_t at = begin * channels;
      ActivateGradient(end - begin, channels, activation_.slope, dy.data() + at, y.data() + at, dx.data() + at,
                       sums.of(begin / grain));
    });
    sums.Total(of_bias.data());
    for (int64_t c = 0; c < channels; c++) of_bias.data()[c] *= activation_.gain;
  }

 private:
  const Activation activation_;
};

}  // namespace

void RegisterActivationOperations() {
  Register<FusedLeakyRelu>();
  Register<FusedLeakyReluGradient>();
}

}  // namespace dualprior
