// StyleGAN2's activation in one pass over memory: see packages/core/nn/ops/fused-leaky-relu.ts.

#include "operation.h"
#include "operations.h"
#include "processor.h"
#include "rows.h"

namespace dualprior {
namespace {

/** A leaky ReLU of what has a bias for each channel. */
struct Activation {
  explicit Activation(TF_OpKernelConstruction* construction)
      : gain(FloatAttribute(construction, "gain")), slope(FloatAttribute(construction, "slope")) {}
  float gain, slope;
};

/** The last dimension. */
int64_t Channels(const Floats& x) {
  if (x.rank() == 0) throw std::runtime_error("one number has no channels");
  return x.dimension(x.rank() - 1);
}

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
                                        [](const std::vector<Shape>& inputs) { return std::vector<Shape>{inputs[0]}; }};
    return activation;
  }

  explicit FusedLeakyRelu(TF_OpKernelConstruction* construction) : activation_(construction) {}

  void Compute(const Execution& execution) {
    const Floats x = execution.input(0);
    const int64_t channels = Channels(x), pixels = channels == 0 ? 0 : x.size() / channels;
    const Floats bias = execution.vector(1, channels), y = execution.output(0, x.shape());
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
                                      [](const std::vector<Shape>& inputs) {
                                        if (inputs[1].empty()) throw std::runtime_error("no channels");
                                        return std::vector<Shape>{inputs[1], {inputs[1].back()}};
                                      }};
    return gradient;
  }

  explicit FusedLeakyReluGradient(TF_OpKernelConstruction* construction) : activation_(construction) {}

  void Compute(const Execution& execution) {
    const Floats y = execution.input(1);
    const int64_t channels = Channels(y), pixels = channels == 0 ? 0 : y.size() / channels,
                  grain = Grain(2 * channels);
    const Floats dy = execution.vector(0, y.size());
    const Floats dx = execution.output(0, y.shape()), of_bias = execution.output(1, {channels});
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
