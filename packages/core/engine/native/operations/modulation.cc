// The modulation of images by styles in one pass over memory: see packages/core/nn/ops/modulate.ts.

#include "operation.h"
#include "operations.h"
#include "processor.h"
#include "rows.h"

namespace dualprior {
namespace {

/** Images (n, ..., channels), each in parts of so many pixels that they are worth a thread of their own together with
 * those of small images. */
struct Images {
  explicit Images(const Floats& x) {
    count = x.dimension(0);
    channels = x.dimension(x.rank() - 1);
    pixels = x.size() == 0 ? 0 : x.size() / count / channels;
    grain = Grain(2 * channels);
    parts = Parts(pixels, grain);
  }

  /** Calls `visit(image, part, offset of its first number, pixels)` for all parts of all images, in parallel. */
  template <typename Visit>
  void ForParts(const Execution& execution, Visit visit) const {
    const int64_t together = std::max<int64_t>(1, grain / std::max<int64_t>(1, std::min(pixels, grain)));
    execution.ForParts(count * parts, together, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t image = i / parts, part = i % parts, first = part * grain;
        visit(image, part, (image * pixels + first) * channels, std::min(grain, pixels - first));
      }
    });
  }

  /** The same with sums for each part, `visit(image, offset, pixels, sums)`, which are added to those of each image:
   * (n, channels). */
  template <typename Visit>
  void Sum(const Execution& execution, float* totals, Visit visit) const {
    PartialSums sums(count * parts, channels);
    ForParts(execution, [&](int64_t image, int64_t part, int64_t at, int64_t size) {
      visit(image, at, size, sums.of(image * parts + part));
    });
    for (int64_t i = 0; i < count; i++) sums.Total(i * parts, (i + 1) * parts, totals + i * channels);
  }

  int64_t count, channels, pixels, grain, parts;
};

FOR_THIS_PROCESSOR
void ModulatePixels(int64_t pixels, int64_t channels, const float* __restrict x, const float* __restrict style,
                    float* __restrict y) {
  for (int64_t p = 0; p < pixels; p++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) y[c] = x[c] * style[c];
  }
}

struct Modulate {
  static const Declaration& declaration() {
    static const Declaration modulate{"DualpriorModulate",
                                      {},
                                      {"x: float", "style: float"},
                                      {"y: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& x = inputs.OfRankAtLeast(0, 2);
                                        inputs.Require(1, {x.front(), x.back()});
                                        return std::vector<Shape>{x};
                                      }};
    return modulate;
  }

  explicit Modulate(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &style = execution.input(1);
    const Images images(x);
    const int64_t channels = images.channels;
    const Floats y = execution.output(0);
    images.ForParts(execution, [&](int64_t image, int64_t, int64_t at, int64_t pixels) {
      ModulatePixels(pixels, channels, x.data() + at, style.data() + image * channels, y.data() + at);
    });
  }
};

FOR_THIS_PROCESSOR
void ModulatePixelsGradient(int64_t pixels, int64_t channels, const float* __restrict dy, const float* __restrict x,
                            const float* __restrict style, float* __restrict dx, float* __restrict sums) {
  for (int64_t p = 0; p < pixels; p++, dy += channels, x += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) {
      dx[c] = dy[c] * style[c];
      sums[c] += dy[c] * x[c];
    }
  }
}

struct ModulateGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorModulateGradient",
                                      {},
                                      {"dy: float", "x: float", "style: float"},
                                      {"dx: float", "of_style: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& x = inputs.OfRankAtLeast(1, 2);
                                        const Shape style{x.front(), x.back()};
                                        inputs.Require(0, x);
                                        inputs.Require(2, style);
                                        return std::vector<Shape>{x, style};
                                      }};
    return gradient;
  }

  explicit ModulateGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &x = execution.input(1), &style = execution.input(2);
    const Images images(x);
    const int64_t channels = images.channels;
    const Floats dx = execution.output(0), of_style = execution.output(1);
    images.Sum(execution, of_style.data(), [&](int64_t image, int64_t at, int64_t pixels, float* sums) {
      ModulatePixelsGradient(pixels, channels, dy.data() + at, x.data() + at, style.data() + image * channels,
                             dx.data() + at, sums);
    });
  }
};

FOR_THIS_PROCESSOR
void SumProducts(int64_t pixels, int64_t channels, const float* __restrict dy, const float* __restrict x,
                 float* __restrict sums) {
  for (int64_t p = 0; p < pixels; p++, dy += channels, x += channels) {
    for (int64_t c = 0; c < channels; c++) sums[c] += dy[c] * x[c];
  }
}

/** The gradient of the style alone. */
struct StyleGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorStyleGradient",
                                      {},
                                      {"dy: float", "x: float"},
                                      {"of_style: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& x = inputs.OfRankAtLeast(1, 2);
                                        inputs.Require(0, x);
                                        return std::vector<Shape>{{x.front(), x.back()}};
                                      }};
    return gradient;
  }

  explicit StyleGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &x = execution.input(1);
    const Images images(x);
    const int64_t channels = images.channels;
    const Floats of_style = execution.output(0);
    images.Sum(execution, of_style.data(), [&](int64_t, int64_t at, int64_t pixels, float* sums) {
      SumProducts(pixels, channels, dy.data() + at, x.data() + at, sums);
    });
  }
};

}  // namespace

void RegisterModulationOperations() {
  Register<Modulate>();
  Register<ModulateGradient>();
  Register<StyleGradient>();
}

}  // namespace dualprior
