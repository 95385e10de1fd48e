// NAFNet's simple gate of pixels (n, 2 c): see packages/core/nn/ops/gate.ts.

#include "operation.h"
#include "operations.h"
#include "processor.h"
#include "rows.h"

namespace dualprior {
namespace {

FOR_THIS_PROCESSOR
void GateRows(int64_t rows, int64_t half, const float* __restrict x, const float* __restrict bias,
              float* __restrict y) {
  for (int64_t r = 0; r < rows; r++, x += 2 * half, y += half) {
    for (int64_t i = 0; i < half; i++) y[i] = (x[i] + bias[i]) * (x[half + i] + bias[half + i]);
  }
}

/** Of a size that may not be known. */
int64_t Half(int64_t size) { return size < 0 ? size : size / 2; }

struct Gate {
  static const Declaration& declaration() {
    static const Declaration gate{"DualpriorGate",
                                  {},
                                  {"x: float", "bias: float"},
                                  {"y: float"},
                                  [](const std::vector<Shape>& inputs) {
                                    return std::vector<Shape>{{inputs[0].at(0), Half(inputs[0].at(1))}};
                                  }};
    return gate;
  }

  explicit Gate(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats x = execution.matrix(0);
    const int64_t rows = x.dimension(0), half = x.dimension(1) / 2;
    if (x.dimension(1) % 2 != 0) throw std::runtime_error("a gate needs an even number of channels");
    const Floats bias = execution.vector(1, 2 * half), y = execution.output(0, {rows, half});
    execution.ForParts(rows, Grain(3 * half), [&](int64_t begin, int64_t end) {
      GateRows(end - begin, half, x.data() + begin * 2 * half, bias.data(), y.data() + begin * half);
    });
  }
};

/** `change(i, dy)` is the gradient of the gate's result. */
template <typename Change>
inline __attribute__((always_inline)) void GateRowGradient(int64_t half, const float* __restrict x,
                                                           const float* __restrict bias, float* __restrict dx,
                                                           float* __restrict sums, Change change) {
  for (int64_t i = 0; i < half; i++) {
    const float d = change(i);
    const float first = d * (x[half + i] + bias[half + i]), second = d * (x[i] + bias[i]);
    dx[i] = first;
    dx[half + i] = second;
    sums[i] += first;
    sums[half + i] += second;
  }
}

FOR_THIS_PROCESSOR
void GateRowsGradient(int64_t rows, int64_t half, const float* __restrict dy, const float* __restrict x,
                      const float* __restrict bias, float* __restrict dx, float* __restrict sums) {
  for (int64_t r = 0; r < rows; r++, dy += half, x += 2 * half, dx += 2 * half) {
    GateRowGradient(half, x, bias, dx, sums, [&](int64_t i) { return dy[i]; });
  }
}

struct GateGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{
        "DualpriorGateGradient",
        {},
        {"dy: float", "x: float", "bias: float"},
        {"dx: float", "of_bias: float"},
        [](const std::vector<Shape>& inputs) { return std::vector<Shape>{inputs[1], inputs[2]}; }};
    return gradient;
  }

  explicit GateGradient(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats dy = execution.matrix(0);
    const int64_t rows = dy.dimension(0), half = dy.dimension(1), grain = Grain(5 * half);
    const Floats x = execution.matrix(1, rows, 2 * half), bias = execution.vector(2, 2 * half);
    const Floats dx = execution.output(0, {rows, 2 * half}), of_bias = execution.output(1, {2 * half});
    PartialSums sums(Parts(rows, grain), 2 * half);
    execution.ForParts(rows, grain, [&](int64_t begin, int64_t end) {
      GateRowsGradient(end - begin, half, dy.data() + begin * half, x.data() + begin * 2 * half, bias.data(),
                       dx.data() + begin * 2 * half, sums.of(begin / grain));
    });
    sums.Total(of_bias.data());
  }
};

FOR_THIS_PROCESSOR
void AttendedGateRowsGradient(int64_t first, int64_t last, int64_t pixels, int64_t half, const float* __restrict dy,
                              const float* __restrict attention, const float* __restrict offset,
                              const float* __restrict x, const float* __restrict bias, float* __restrict dx,
                              float* __restrict sums) {
  for (int64_t r = first; r < last; r++) {
    const float *a = attention + r / pixels * half, *o = offset + r / pixels * half, *d = dy + r * half;
    GateRowGradient(half, x + r * 2 * half, bias, dx + r * 2 * half, sums,
                    [&](int64_t i) { return d[i] * a[i] + o[i]; });
  }
}

struct AttendedGateGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{
        "DualpriorAttendedGateGradient",
        {},
        {"dy: float", "attention: float", "offset: float", "x: float", "bias: float"},
        {"dx: float", "of_bias: float"},
        [](const std::vector<Shape>& inputs) { return std::vector<Shape>{inputs[3], inputs[4]}; }};
    return gradient;
  }

  explicit AttendedGateGradient(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats dy = execution.matrix(0), attention = execution.matrix(1);
    const int64_t rows = dy.dimension(0), half = dy.dimension(1), images = attention.dimension(0),
                  grain = Grain(5 * half);
    if (images == 0 || rows % images != 0) throw std::runtime_error("the images are not of one size");
    if (attention.dimension(1) != half) throw std::runtime_error("each channel needs its attention");
    const Floats offset = execution.matrix(2, images, half), x = execution.matrix(3, rows, 2 * half),
                 bias = execution.vector(4, 2 * half);
    const Floats dx = execution.output(0, {rows, 2 * half}), of_bias = execution.output(1, {2 * half});
    PartialSums sums(Parts(rows, grain), 2 * half);
    execution.ForParts(rows, grain, [&](int64_t begin, int64_t end) {
      AttendedGateRowsGradient(begin, end, rows / images, half, dy.data(), attention.data(), offset.data(), x.data(),
                               bias.data(), dx.data(), sums.of(begin / grain));
    });
    sums.Total(of_bias.data());
  }
};

}  // namespace

void RegisterGateOperations() {
  Register<Gate>();
  Register<GateGradient>();
  Register<AttendedGateGradient>();
}

}  // namespace dualprior
