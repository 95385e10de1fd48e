// Passes over pixels (n, channels) and over the small weights of the convolutions between them, each in one operation.
// What they compute is said beside their names in packages/core/nn/ops/.

#include <algorithm>
#include <cmath>

#include "operation.h"
#include "operations.h"
#include "processor.h"

namespace dualprior {
namespace {

constexpr int kLanes = 16;

/** Rows of so many numbers that are worth a thread of their own. */
int64_t Grain(int64_t columns) { return std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, columns)); }

inline float Total(const float* lanes) {
  float sum = 0;
  for (int i = 0; i < kLanes; i++) sum += lanes[i];
  return sum;
}

/** Sum over i of term(i), in lanes that the compiler makes vectors of. */
template <typename Term>
inline __attribute__((always_inline)) float Sum(int64_t count, Term term) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; lane++) lanes[lane] += term(i + lane);
  }
  float sum = Total(lanes);
  for (; i < count; i++) sum += term(i);
  return sum;
}

FOR_THIS_PROCESSOR
void NormalizeRows(int64_t rows, int64_t columns, float epsilon, const float* __restrict x, float* __restrict y,
                   float* __restrict inverse) {
  for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
    const float mean = Sum(columns, [&](int64_t i) { return x[i]; }) / columns;
    const float variance = Sum(columns, [&](int64_t i) { return (x[i] - mean) * (x[i] - mean); }) / columns;
    const float scale = 1 / std::sqrt(variance + epsilon);
    for (int64_t i = 0; i < columns; i++) y[i] = (x[i] - mean) * scale;
    inverse[r] = scale;
  }
}

struct LayerNorm {
  static const Declaration& declaration() {
    static const Declaration norm{"DualpriorLayerNorm",
                                  {"epsilon: float"},
                                  {"x: float"},
                                  {"normalized: float", "inverse: float"},
                                  [](const std::vector<Shape>& inputs) {
                                    return std::vector<Shape>{inputs[0], {inputs[0].at(0), 1}};
                                  }};
    return norm;
  }

  explicit LayerNorm(TF_OpKernelConstruction* construction) : epsilon_(FloatAttribute(construction, "epsilon")) {}

  void Compute(const Execution& execution) {
    const Floats x = execution.matrix(0);
    const int64_t rows = x.dimension(0), columns = x.dimension(1);
    const Floats y = execution.output(0, {rows, columns}), inverse = execution.output(1, {rows, 1});
    execution.ForParts(rows, Grain(columns), [&](int64_t begin, int64_t end) {
      NormalizeRows(end - begin, columns, epsilon_, x.data() + begin * columns, y.data() + begin * columns,
                    inverse.data() + begin);
    });
  }

 private:
  float epsilon_;
};

FOR_THIS_PROCESSOR
void NormalizeRowsGradient(int64_t rows, int64_t columns, const float* __restrict dy, const float* __restrict y,
                           const float* __restrict inverse, const float* __restrict residual, float* __restrict dx) {
  for (int64_t r = 0; r < rows; r++, dy += columns, y += columns, residual += columns, dx += columns) {
    const float mean = Sum(columns, [&](int64_t i) { return dy[i]; }) / columns;
    const float along = Sum(columns, [&](int64_t i) { return dy[i] * y[i]; }) / columns;
    const float scale = inverse[r];
    for (int64_t i = 0; i < columns; i++) dx[i] = residual[i] + (dy[i] - mean - y[i] * along) * scale;
  }
}

struct LayerNormGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorLayerNormGradient",
                                      {},
                                      {"dy: float", "normalized: float", "inverse: float", "residual: float"},
                                      {"dx: float"},
                                      [](const std::vector<Shape>& inputs) { return std::vector<Shape>{inputs[0]}; }};
    return gradient;
  }

  explicit LayerNormGradient(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats dy = execution.matrix(0);
    const int64_t rows = dy.dimension(0), columns = dy.dimension(1);
    const Floats y = execution.matrix(1, rows, columns), inverse = execution.matrix(2, rows, 1),
                 residual = execution.matrix(3, rows, columns);
    const Floats dx = execution.output(0, {rows, columns});
    execution.ForParts(rows, Grain(columns), [&](int64_t begin, int64_t end) {
      const int64_t at = begin * columns;
      NormalizeRowsGradient(end - begin, columns, dy.data() + at, y.data() + at, inverse.data() + begin,
                            residual.data() + at, dx.data() + at);
    });
  }
};

FOR_THIS_PROCESSOR
void AddRows(int64_t rows, int64_t columns, const float* __restrict x, float* __restrict sums) {
  for (int64_t r = 0; r < rows; r++, x += columns) {
    for (int64_t i = 0; i < columns; i++) sums[i] += x[i];
  }
}

struct ColumnSums {
  static const Declaration& declaration() {
    static const Declaration sums{"DualpriorColumnSums",
                                  {},
                                  {"x: float"},
                                  {"sums: float"},
                                  [](const std::vector<Shape>& inputs) {
                                    return std::vector<Shape>{{inputs[0].at(1)}};
                                  }};
    return sums;
  }

  explicit ColumnSums(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats x = execution.matrix(0);
    const int64_t rows = x.dimension(0), columns = x.dimension(1), grain = Grain(columns);
    const int64_t parts = std::max<int64_t>(1, (rows + grain - 1) / grain);
    std::vector<float> partial(parts * columns, 0);
    execution.ForParts(rows, grain, [&](int64_t begin, int64_t end) {
      AddRows(end - begin, columns, x.data() + begin * columns, partial.data() + begin / grain * columns);
    });
    const Floats sums = execution.output(0, {columns});
    std::fill(sums.data(), sums.data() + columns, 0.0f);
    AddRows(parts, columns, partial.data(), sums.data());
  }
};

FOR_THIS_PROCESSOR
void GateRows(int64_t rows, int64_t half, const float* __restrict x, float* __restrict y) {
  for (int64_t r = 0; r < rows; r++, x += 2 * half, y += half) {
    for (int64_t i = 0; i < half; i++) y[i] = x[i] * x[half + i];
  }
}

/** Of a size that may not be known. */
int64_t Half(int64_t size) { return size < 0 ? size : size / 2; }

struct Gate {
  static const Declaration& declaration() {
    static const Declaration gate{"DualpriorGate",
                                  {},
                                  {"x: float"},
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
    const Floats y = execution.output(0, {rows, half});
    execution.ForParts(rows, Grain(3 * half), [&](int64_t begin, int64_t end) {
      GateRows(end - begin, half, x.data() + begin * 2 * half, y.data() + begin * half);
    });
  }
};

FOR_THIS_PROCESSOR
void GateRowsGradient(int64_t rows, int64_t half, const float* __restrict dy, const float* __restrict x,
                      float* __restrict dx) {
  for (int64_t r = 0; r < rows; r++, dy += half, x += 2 * half, dx += 2 * half) {
    for (int64_t i = 0; i < half; i++) dx[i] = dy[i] * x[half + i];
    for (int64_t i = 0; i < half; i++) dx[half + i] = dy[i] * x[i];
  }
}

struct GateGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorGateGradient",
                                      {},
                                      {"dy: float", "x: float"},
                                      {"dx: float"},
                                      [](const std::vector<Shape>& inputs) { return std::vector<Shape>{inputs[1]}; }};
    return gradient;
  }

  explicit GateGradient(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats dy = execution.matrix(0);
    const int64_t rows = dy.dimension(0), half = dy.dimension(1);
    const Floats x = execution.matrix(1, rows, 2 * half), dx = execution.output(0, {rows, 2 * half});
    execution.ForParts(rows, Grain(5 * half), [&](int64_t begin, int64_t end) {
      GateRowsGradient(end - begin, half, dy.data() + begin * half, x.data() + begin * 2 * half,
                       dx.data() + begin * 2 * half);
    });
  }
};

FOR_THIS_PROCESSOR
void ScaleAndShift(int64_t rows, int64_t first, int64_t last, int64_t columns, const float* __restrict weight,
                   const float* __restrict scale, const float* __restrict shift, const float* __restrict bias,
                   float* __restrict scaled, float* __restrict shifted) {
  for (int64_t i = first; i < last; i++) shifted[i] = 0;
  for (int64_t r = 0; r < rows; r++) {
    const float* w = weight + r * columns;
    float* to = scaled + r * columns;
    for (int64_t i = first; i < last; i++) {
      to[i] = w[i] * scale[r];
      shifted[i] += shift[r] * w[i];
    }
  }
  for (int64_t i = first; i < last; i++) shifted[i] += bias[i];
}

struct FoldedNorm {
  static const Declaration& declaration() {
    static const Declaration folded{"DualpriorFoldedNorm",
                                    {},
                                    {"weight: float", "scale: float", "shift: float", "bias: float"},
                                    {"scaled: float", "shifted: float"},
                                    [](const std::vector<Shape>& inputs) {
                                      return std::vector<Shape>{inputs[0], inputs[3]};
                                    }};
    return folded;
  }

  explicit FoldedNorm(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats weight = execution.matrix(0);
    const int64_t rows = weight.dimension(0), columns = weight.dimension(1);
    const Floats scale = execution.vector(1, rows), shift = execution.vector(2, rows),
                 bias = execution.vector(3, columns);
    const Floats scaled = execution.output(0, {rows, columns}), shifted = execution.output(1, {columns});
    execution.ForParts(columns, std::max<int64_t>(64, Grain(rows)), [&](int64_t first, int64_t last) {
      ScaleAndShift(rows, first, last, columns, weight.data(), scale.data(), shift.data(), bias.data(), scaled.data(),
                    shifted.data());
    });
  }
};

FOR_THIS_PROCESSOR
void FoldedNormRowsGradient(int64_t first, int64_t last, int64_t columns, const float* __restrict product,
                            const float* __restrict weight, const float* __restrict scale,
                            const float* __restrict shift, const float* __restrict bias, float* __restrict of_weight,
                            float* __restrict of_scale, float* __restrict of_shift) {
  for (int64_t r = first; r < last; r++) {
    const float* p = product + r * columns;
    const float* w = weight + r * columns;
    float* to = of_weight + r * columns;
    for (int64_t i = 0; i < columns; i++) to[i] = p[i] * scale[r] + shift[r] * bias[i];
    of_scale[r] = Sum(columns, [&](int64_t i) { return p[i] * w[i]; });
    of_shift[r] = Sum(columns, [&](int64_t i) { return w[i] * bias[i]; });
  }
}

struct FoldedNormGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorFoldedNormGradient",
                                      {},
                                      {"product: float", "weight: float", "scale: float", "shift: float", "bias: float"},
                                      {"of_weight: float", "of_scale: float", "of_shift: float"},
                                      [](const std::vector<Shape>& inputs) {
                                        return std::vector<Shape>{inputs[0], inputs[2], inputs[3]};
                                      }};
    return gradient;
  }

  explicit FoldedNormGradient(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats product = execution.matrix(0);
    const int64_t rows = product.dimension(0), columns = product.dimension(1);
    const Floats weight = execution.matrix(1, rows, columns), scale = execution.vector(2, rows),
                 shift = execution.vector(3, rows), bias = execution.vector(4, columns);
    const Floats of_weight = execution.output(0, {rows, columns}), of_scale = execution.output(1, {rows}),
                 of_shift = execution.output(2, {rows});
    execution.ForParts(rows, Grain(3 * columns), [&](int64_t first, int64_t last) {
      FoldedNormRowsGradient(first, last, columns, product.data(), weight.data(), scale.data(), shift.data(),
                             bias.data(), of_weight.data(), of_scale.data(), of_shift.data());
    });
  }
};

FOR_THIS_PROCESSOR
void FoldedScaleColumnsGradient(int64_t rows, int64_t first, int64_t last, int64_t columns,
                                const float* __restrict product, const float* __restrict weight,
                                const float* __restrict scale, float* __restrict of_weight,
                                float* __restrict of_scale) {
  for (int64_t i = first; i < last; i++) of_scale[i] = 0;
  for (int64_t r = 0; r < rows; r++) {
    const float* p = product + r * columns;
    const float* w = weight + r * columns;
    float* to = of_weight + r * columns;
    for (int64_t i = first; i < last; i++) {
      to[i] = p[i] * scale[i];
      of_scale[i] += p[i] * w[i];
    }
  }
}

struct FoldedScaleGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{"DualpriorFoldedScaleGradient",
                                      {},
                                      {"product: float", "weight: float", "scale: float"},
                                      {"of_weight: float", "of_scale: float"},
                                      [](const std::vector<Shape>& inputs) {
                                        return std::vector<Shape>{inputs[0], inputs[2]};
                                      }};
    return gradient;
  }

  explicit FoldedScaleGradient(TF_OpKernelConstruction*) {}

  void Compute(const Execution& execution) {
    const Floats product = execution.matrix(0);
    const int64_t rows = product.dimension(0), columns = product.dimension(1);
    const Floats weight = execution.matrix(1, rows, columns), scale = execution.vector(2, columns);
    const Floats of_weight = execution.output(0, {rows, columns}), of_scale = execution.output(1, {columns});
    execution.ForParts(columns, std::max<int64_t>(64, Grain(3 * rows)), [&](int64_t first, int64_t last) {
      FoldedScaleColumnsGradient(rows, first, last, columns, product.data(), weight.data(), scale.data(),
                                 of_weight.data(), of_scale.data());
    });
  }
};

}  // namespace

void RegisterPixelOperations() {
  Register<LayerNorm>();
  Register<LayerNormGradient>();
  Register<ColumnSums>();
  Register<Gate>();
  Register<GateGradient>();
  Register<FoldedNorm>();
  Register<FoldedNormGradient>();
  Register<FoldedScaleGradient>();
}

}  // namespace dualprior
