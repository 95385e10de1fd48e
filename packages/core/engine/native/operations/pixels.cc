// Passes over pixels (n, channels), each in one operation. What they compute is said beside their names in
// packages/core/nn/ops/.

#include <cmath>

#include "operation.h"
#include "operations.h"
#include "processor.h"
#include "rows.h"

namespace dualprior {
namespace {

FOR_THIS_PROCESSOR
void NormalizeRows(int64_t rows, int64_t columns, float epsilon, const float* __restrict x,
                   const float* __restrict scale, const float* __restrict shift, float* __restrict y,
                   float* __restrict means, float* __restrict inverses) {
  for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
    const float mean = Sum(columns, [&](int64_t i) { return x[i]; }) / columns;
    const float variance = Sum(columns, [&](int64_t i) { return (x[i] - mean) * (x[i] - mean); }) / columns;
    const float inverse = 1 / std::sqrt(variance + epsilon);
    for (int64_t i = 0; i < columns; i++) y[i] = (x[i] - mean) * inverse * scale[i] + shift[i];
    means[r] = mean;
    inverses[r] = inverse;
  }
}

struct LayerNorm {
  static const Declaration& declaration() {
    static const Declaration norm{"DualpriorLayerNorm",
                                  {"epsilon: float"},
                                  {"x: float", "scale: float", "shift: float"},
                                  {"y: float", "mean: float", "inverse: float"},
                                  [](const InputShapes& inputs, const Attributes&) {
                                    const Shape& x = inputs.OfRank(0, 2);
                                    for (int i : {1, 2}) inputs.Require(i, {x[1]});
                                    return std::vector<Shape>{x, {x[0], 1}, {x[0], 1}};
                                  }};
    return norm;
  }

  explicit LayerNorm(const Attributes& attributes) : epsilon_(attributes.number("epsilon")) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &scale = execution.input(1), &shift = execution.input(2);
    const int64_t rows = x.dimension(0), columns = x.dimension(1);
    const Floats y = execution.output(0), mean = execution.output(1), inverse = execution.output(2);
    execution.ForParts(rows, Grain(columns), [&](int64_t begin, int64_t end) {
      const int64_t at = begin * columns;
      NormalizeRows(end - begin, columns, epsilon_, x.data() + at, scale.data(), shift.data(), y.data() + at,
                    mean.data() + begin, inverse.data() + begin);
    });
  }

 private:
  float epsilon_;
};

FOR_THIS_PROCESSOR
void NormalizeRowsGradient(int64_t rows, int64_t columns, const float* __restrict dy, const float* __restrict x,
                           const float* __restrict means, const float* __restrict inverses,
                           const float* __restrict scale, const float* __restrict residual, float* __restrict dx,
                           float* __restrict of_scale, float* __restrict of_shift) {
  for (int64_t r = 0; r < rows; r++, dy += columns, x += columns, residual += columns, dx += columns) {
    const float mean = means[r], inverse = inverses[r];
    const float level = Sum(columns, [&](int64_t i) { return dy[i] * scale[i]; }) / columns;
    const float along = Sum(columns, [&](int64_t i) { return dy[i] * scale[i] * ((x[i] - mean) * inverse); }) / columns;
    for (int64_t i = 0; i < columns; i++) {
      const float normalized = (x[i] - mean) * inverse;
      dx[i] = residual[i] + (dy[i] * scale[i] - level - normalized * along) * inverse;
      of_scale[i] += dy[i] * normalized;
      of_shift[i] += dy[i];
    }
  }
}

struct LayerNormGradient {
  static const Declaration& declaration() {
    static const Declaration gradient{
        "DualpriorLayerNormGradient",
        {},
        {"dy: float", "x: float", "mean: float", "inverse: float", "scale: float", "residual: float"},
        {"dx: float", "of_scale: float", "of_shift: float"},
        [](const InputShapes& inputs, const Attributes&) {
          const Shape& dy = inputs.OfRank(0, 2);
          for (int i : {1, 5}) inputs.Require(i, dy);
          for (int i : {2, 3}) inputs.Require(i, {dy[0], 1});
          inputs.Require(4, {dy[1]});
          return std::vector<Shape>{dy, {dy[1]}, {dy[1]}};
        }};
    return gradient;
  }

  explicit LayerNormGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &dy = execution.input(0), &x = execution.input(1), &mean = execution.input(2),
                 &inverse = execution.input(3), &scale = execution.input(4), &residual = execution.input(5);
    const int64_t rows = dy.dimension(0), columns = dy.dimension(1), grain = Grain(columns);
    const Floats dx = execution.output(0), of_scale = execution.output(1), of_shift = execution.output(2);
    PartialSums scales(Parts(rows, grain), columns), shifts(Parts(rows, grain), columns);
    execution.ForParts(rows, grain, [&](int64_t begin, int64_t end) {
      const int64_t at = begin * columns, part = begin / grain;
      NormalizeRowsGradient(end - begin, columns, dy.data() + at, x.data() + at, mean.data() + begin,
                            inverse.data() + begin, scale.data(), residual.data() + at, dx.data() + at, scales.of(part),
                            shifts.of(part));
    });
    scales.Total(of_scale.data());
    shifts.Total(of_shift.data());
  }
};

struct ColumnSums {
  static const Declaration& declaration() {
    static const Declaration sums{
        "DualpriorColumnSums", {}, {"x: float"}, {"sums: float"}, [](const InputShapes& inputs, const Attributes&) {
          return std::vector<Shape>{{inputs.OfRank(0, 2)[1]}};
        }};
    return sums;
  }

  explicit ColumnSums(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats& x = execution.input(0);
    const int64_t rows = x.dimension(0), columns = x.dimension(1), grain = Grain(columns);
    PartialSums partial(Parts(rows, grain), columns);
    const Floats sums = execution.output(0);
    execution.ForParts(rows, grain, [&](int64_t begin, int64_t end) {
      SumRows(end - begin, columns, x.data() + begin * columns, partial.of(begin / grain));
    });
    partial.Total(sums.data());
  }
};

FOR_THIS_PROCESSOR
void AddRows(int64_t rows, int64_t columns, const float* __restrict x, const float* __restrict y,
             const float* __restrict bias, float* __restrict sum) {
  for (int64_t r = 0; r < rows; r++, x += columns, y += columns, sum += columns) {
    for (int64_t i = 0; i < columns; i++) sum[i] = x[i] + (y[i] + bias[i]);
  }
}

struct Residual {
  static const Declaration& declaration() {
    static const Declaration residual{"DualpriorResidual",
                                      {},
                                      {"x: float", "y: float", "bias: float"},
                                      {"sum: float"},
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& x = inputs.OfRank(0, 2);
                                        inputs.Require(1, x);
                                        inputs.Require(2, {x[1]});
                                        return std::vector<Shape>{x};
                                      }};
    return residual;
  }

  explicit Residual(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &y = execution.input(1), &bias = execution.input(2);
    const int64_t rows = x.dimension(0), columns = x.dimension(1);
    const Floats sum = execution.output(0);
    execution.ForParts(rows, Grain(columns), [&](int64_t begin, int64_t end) {
      const int64_t at = begin * columns;
      AddRows(end - begin, columns, x.data() + at, y.data() + at, bias.data(), sum.data() + at);
    });
  }
};

FOR_THIS_PROCESSOR
void ScaleColumnsGradient(int64_t rows, int64_t first, int64_t last, int64_t columns, const float* __restrict product,
                          const float* __restrict weight, const float* __restrict scale, float* __restrict of_weight,
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
                                      [](const InputShapes& inputs, const Attributes&) {
                                        const Shape& product = inputs.OfRank(0, 2);
                                        inputs.Require(1, product);
                                        inputs.Require(2, {product[1]});
                                        return std::vector<Shape>{product, {product[1]}};
                                      }};
    return gradient;
  }

  explicit FoldedScaleGradient(const Attributes&) {}

  void Compute(const Execution& execution) const {
    const Floats &product = execution.input(0), &weight = execution.input(1), &scale = execution.input(2);
    const int64_t rows = product.dimension(0), columns = product.dimension(1);
    const Floats of_weight = execution.output(0), of_scale = execution.output(1);
    execution.ForParts(columns, std::max<int64_t>(64, Grain(3 * rows)), [&](int64_t first, int64_t last) {
      ScaleColumnsGradient(rows, first, last, columns, product.data(), weight.data(), scale.data(), of_weight.data(),
                           of_scale.data());
    });
  }
};

}  // namespace

void RegisterPixelOperations() {
  Register<LayerNorm>();
  Register<LayerNormGradient>();
  Register<ColumnSums>();
  Register<Residual>();
  Register<FoldedScaleGradient>();
}

}  // namespace dualprior
