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

/** Sizes that may not be known. */
int64_t Half(int64_t size) { return size < 0 ? size : size / 2; }
int64_t Double(int64_t size) { return size < 0 ? size : 2 * size; }

struct Gate {
  static const Declaration& declaration() {
    static const Declaration gate{"DualpriorGate",
                                  {},
                                  {"x: float", "bias: float"},
                                  {"y: float"},
                                  [](const InputShapes& inputs, const Attributes&) {
                                    const Shape& x = inputs.OfRank(0, 2);
                                    if (x[1] > 0 && x[1] % 2 != 0)
                                      inputs.Refuse(0, "must have an even number of channels");
                                    inputs.Require(1, {x[1]});
                                    return std::vector<Shape>{{x[0], Half(x[1])}};
                                  }};
    return gate;
  }

  explicit Gate(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &bias = execution.input(1);
    const int64_t rows = x.dimension(0), half = x.dimension(1) / 2;
    const Floats y = execution.output(0);
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
    static const Declaration gradient{"DualpriorGateGradient",
                                      {},
                                      {"dy: float", "x: float", "bias: float"},
                                      {"dx: float", "of_bias: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& dy = inputs.OfRank(0, 2);
                                        const Shape x{dy[0], Double(dy[1])};
                                        inputs.Require(1, x);
                                        inputs.Require(2, {x[1]});
                                        return std::vector<Shape>{x, {x[1]}};
                                      }};
    return gradient;
  }

  explicit GateGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &x = execution.input(1), &bias = execution.input(2);
    const int64_t rows = dy.dimension(0), half = dy.dimension(1), grain = Grain(5 * half);
    const Floats dx = execution.output(0), of_bias = execution.output(1);
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
        [](const InputShapes& inputs, const Attributes&) {
          const Shape& dy = inputs.OfRank(0, 2);
          const Shape& attention = inputs.Require(1, {-1, dy[1]});
          if (attention[0] == 0 || (dy[0] > 0 && attention[0] > 0 && dy[0] % attention[0] != 0)) {
            inputs.Refuse(1, "must have a row for each image, of which all have equally many of the " +
                                 std::to_string(dy[0]) + " pixels");
          }
          inputs.Require(2, attention);
          const Shape x{dy[0], Double(dy[1])};
          inputs.Require(3, x);
          inputs.Require(4, {x[1]});
          return std::vector<Shape>{x, {x[1]}};
        }};
    return gradient;
  }

  explicit AttendedGateGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &attention = execution.input(1), &offset = execution.input(2),
                 &x = execution.input(3), &bias = execution.input(4);
    const int64_t rows = dy.dimension(0), half = dy.dimension(1), images = attention.dimension(0),
                  grain = Grain(5 * half);
    const Floats dx = execution.output(0), of_bias = execution.output(1);
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
