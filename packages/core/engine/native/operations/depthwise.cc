// The depthwise 3x3 convolution of x + bias (NHWC), and its gradients: see packages/core/nn/ops/biased-depthwise.ts.

#include <array>

#include "lanes.h"
#include "operation.h"
#include "operations.h"
#include "processor.h"
#include "rows.h"

namespace dualprior {
namespace {

constexpr int kSide = 3, kTaps = kSide * kSide;

struct Size {
  int64_t images, height, width, channels;

  int64_t rows() const { return images * height; }
  int64_t row() const { return width * channels; }
  int64_t grain() const { return Grain(row()); }
  int64_t parts() const { return Parts(rows(), grain()); }
};

FOR_THIS_PROCESSOR
void AddBias(int64_t pixels, int64_t channels, const float* __restrict x, const float* __restrict bias,
             float* __restrict y) {
  for (int64_t p = 0; p < pixels; p++, x += channels, y += channels) {
    for (int64_t i = 0; i < channels; i++) y[i] = x[i] + bias[i];
  }
}

/** A window of three rows on images, of which each pixel has the bias added and zeros are around. */
class Window {
 public:
  using Rows = std::array<const float*, kSide>;

  /** `bias` may be null. */
  Window(const Size& size, const float* x, const float* bias)
      : size_(size), x_(x), bias_(bias), stride_((size.width + 2) * size.channels), buffer_(kSide * stride_, 0) {
    held_.fill(kNothing);
  }

  /** The row, of the rows of all images, with the one above and the one below; each begins with the zero left of it. */
  Rows around(int64_t row) {
    Rows rows;
    for (int i = 0; i < kSide; i++) {
      const int64_t y = row % size_.height + i - 1;
      rows[i] = Held(y < 0 || y >= size_.height ? kZeros : row + i - 1, (row + i) % kSide);
    }
    return rows;
  }

 private:
  static constexpr int64_t kZeros = -1, kNothing = -2;

  const float* Held(int64_t row, int64_t slot) {
    float* const to = buffer_.data() + slot * stride_;
    if (held_[slot] == row) return to;
    held_[slot] = row;
    float* const pixels = to + size_.channels;
    if (row == kZeros) {
      std::fill(pixels, pixels + size_.row(), 0.0f);
      return to;
    }
    const float* const from = x_ + row * size_.row();
    if (bias_ == nullptr) {
      std::copy(from, from + size_.row(), pixels);
    } else {
      AddBias(size_.width, size_.channels, from, bias_, pixels);
    }
    return to;
  }

  const Size size_;
  const float* const x_;
  const float* const bias_;
  const int64_t stride_;
  std::vector<float> buffer_;
  std::array<int64_t, kSide> held_;
};

/** One row of the convolution, for as many channels from `at` as are in a `Vector`. */
template <typename Vector>
inline __attribute__((always_inline)) void FilterChannels(const Window::Rows& rows, int64_t width, int64_t channels,
                                                          int64_t at, const float* weight, float* y) {
  Vector w[kTaps];
  for (int tap = 0; tap < kTaps; tap++) Load(w[tap], weight + tap * channels + at);
  for (int64_t p = 0; p < width; p++) {
    Vector sum{};
    for (int i = 0; i < kSide; i++) {
      for (int j = 0; j < kSide; j++) {
        Vector x;
        Load(x, rows[i] + (p + j) * channels + at);
        sum += w[i * kSide + j] * x;
      }
    }
    Store(y + p * channels + at, sum);
  }
}

FOR_THIS_PROCESSOR
void FilterRow(const Window::Rows& rows, int64_t width, int64_t channels, const float* weight, float* y) {
  int64_t at = 0;
  for (; at + kLanes <= channels; at += kLanes) FilterChannels<Lanes>(rows, width, channels, at, weight, y);
  for (; at < channels; at++) FilterChannels<float>(rows, width, channels, at, weight, y);
}

template <typename Vector>
inline __attribute__((always_inline)) void AddFilterGradient(const Window::Rows& rows, int64_t width, int64_t channels,
                                                             int64_t at, const float* dy, float* of_weight) {
  Vector sums[kTaps];
  for (int tap = 0; tap < kTaps; tap++) Load(sums[tap], of_weight + tap * channels + at);
  for (int64_t p = 0; p < width; p++) {
    Vector d;
    Load(d, dy + p * channels + at);
    for (int i = 0; i < kSide; i++) {
      for (int j = 0; j < kSide; j++) {
        Vector x;
        Load(x, rows[i] + (p + j) * channels + at);
        sums[i * kSide + j] += d * x;
      }
    }
  }
  for (int tap = 0; tap < kTaps; tap++) Store(of_weight + tap * channels + at, sums[tap]);
}

FOR_THIS_PROCESSOR
void AddRowFilterGradient(const Window::Rows& rows, int64_t width, int64_t channels, const float* dy,
                          float* of_weight) {
  int64_t at = 0;
  for (; at + kLanes <= channels; at += kLanes) AddFilterGradient<Lanes>(rows, width, channels, at, dy, of_weight);
  for (; at < channels; at++) AddFilterGradient<float>(rows, width, channels, at, dy, of_weight);
}

Size SizeOf(const Floats& x) { return {x.dimension(0), x.dimension(1), x.dimension(2), x.dimension(3)}; }

/** Requires a bias for each channel as input `bias`, and a filter for each as the next. */
void RequireFilters(const InputShapes& inputs, int bias, int64_t channels) {
  inputs.Require(bias, {channels});
  inputs.Require(bias + 1, {kSide, kSide, channels, 1});
}

struct BiasedDepthwise {
  static const Declaration& declaration() {
    static const Declaration depthwise{"DualpriorBiasedDepthwise",
                                       {},
                                       {"x: float", "bias: float", "weight: float"},
                                       {"y: float"},
                                       [](const InputShapes& inputs, const Attributes&) {
                                         const Shape& x = inputs.OfRank(0, 4);
                                         RequireFilters(inputs, 1, x[3]);
                                         return std::vector<Shape>{x};
                                       }};
    return depthwise;
  }

  explicit BiasedDepthwise(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &bias = execution.input(1), &weight = execution.input(2);
    const Size size = SizeOf(x);
    const Floats y = execution.output(0);
    execution.ForParts(size.rows(), size.grain(), [&](int64_t begin, int64_t end) {
      Window window(size, x.data(), bias.data());
      for (int64_t row = begin; row < end; row++) {
        FilterRow(window.around(row), size.width, size.channels, weight.data(), y.data() + row * size.row());
      }
    });
  }
};

struct BiasedDepthwiseGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorBiasedDepthwiseGradient",
                                      {},
                                      {"dy: float", "x: float", "bias: float", "weight: float"},
                                      {"dx: float", "of_bias: float", "of_weight: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& x = inputs.OfRank(1, 4);
                                        inputs.Require(0, x);
                                        RequireFilters(inputs, 2, x[3]);
                                        return std::vector<Shape>{x, {x[3]}, {kSide, kSide, x[3], 1}};
                                      }};
    return gradient;
  }

  explicit BiasedDepthwiseGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &x = execution.input(1), &bias = execution.input(2),
                 &weight = execution.input(3);
    const Size size = SizeOf(x);
    const Floats dx = execution.output(0), of_bias = execution.output(1), of_weight = execution.output(2);
    const std::vector<float> turned = Turned(weight.data(), size.channels);
    PartialSums biases(size.parts(), size.channels), weights(size.parts(), kTaps * size.channels);
    execution.ForParts(size.rows(), size.grain(), [&](int64_t begin, int64_t end) {
      const int64_t part = begin / size.grain();
      Window seen(size, x.data(), bias.data()), changes(size, dy.data(), nullptr);
      for (int64_t row = begin; row < end; row++) {
        const float* const change = dy.data() + row * size.row();
        float* const to = dx.data() + row * size.row();
        AddRowFilterGradient(seen.around(row), size.width, size.channels, change, weights.of(part));
        FilterRow(changes.around(row), size.width, size.channels, turned.data(), to);
        SumRows(size.width, size.channels, to, biases.of(part));
      }
    });
    biases.Total(of_bias.data());
    weights.Total(of_weight.data());
  }

 private:
  /** By 180 degrees. */
  static std::vector<float> Turned(const float* weight, int64_t channels) {
    std::vector<float> turned(kTaps * channels);
    for (int tap = 0; tap < kTaps; tap++) {
      std::copy(weight + tap * channels, weight + (tap + 1) * channels, turned.data() + (kTaps - 1 - tap) * channels);
    }
    return turned;
  }
};

}  // namespace

void RegisterDepthwiseOperations() {
  Register<BiasedDepthwise>();
  Register<BiasedDepthwiseGradient>();
}

}  // namespace dualprior
