// Up-sampling, filtering and down-sampling of images in one operation: see packages/core/nn/ops/upfirdn2d.ts.

#include <algorithm>

#include "lanes.h"
#include "operation.h"
#include "operations.h"
#include "processor.h"

namespace dualprior {
namespace {

/** Results that are worth a thread of their own. */
constexpr int64_t kGrain = 1 << 14;

/** A product that is part of a sum: where the values begin that it takes, and what it multiplies them by. */
struct Term {
  int64_t from;
  float weight;
};

using Terms = std::vector<Term>;

template <int kVectors>
inline __attribute__((always_inline)) void SumBlock(const Terms& terms, const float* values, float* sums) {
  Lanes block[kVectors] = {};
  for (const Term& term : terms) {
    for (int i = 0; i < kVectors; i++) {
      Lanes lanes;
      Load(lanes, values + term.from + i * kLanes);
      block[i] += lanes * term.weight;
    }
  }
  for (int i = 0; i < kVectors; i++) Store(sums + i * kLanes, block[i]);
}

/** The sums of the terms, `count` of them that lie one after the other. */
inline __attribute__((always_inline)) void WeightedSum(const Terms& terms, int64_t count, const float* values,
                                                       float* sums) {
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) SumBlock<4>(terms, values + i, sums + i);
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) SumBlock<2>(terms, values + i, sums + i);
  for (; i + kLanes <= count; i += kLanes) SumBlock<1>(terms, values + i, sums + i);
  for (; i < count; i++) {
    float sum = 0;
    for (const Term& term : terms) sum += values[term.from + i] * term.weight;
    sums[i] = sum;
  }
}

/** One axis of the images. */
struct Axis {
  int64_t length, up, down, before, size;
  bool flip;

  /**
   * Adds to `terms` what `taps` take for the result at `position`, without the zeros between and around the pixels and
   * among the taps. The values of the first pixel begin at `start`, those of each next one `stride` further.
   */
  void AddTerms(const std::vector<float>& taps, int64_t position, int64_t start, int64_t stride, Terms& terms) const {
    const int64_t count = taps.size();
    for (int64_t i = 0; i < count; i++) {
      const int64_t at = position * down - before + i;
      const float tap = taps[flip ? count - 1 - i : i];
      if (at < 0 || at % up != 0 || at / up >= length || tap == 0) continue;
      terms.push_back({start + at / up * stride, tap});
    }
  }
};

/** A filter whose every tap is a product: of one for its row and one for its column. */
struct Product {
  std::vector<float> rows, columns;
};

/** Filters of which the kernel is the sum: itself, if it is a product as StyleGAN2's is, else one for each of its
 * columns. */
std::vector<Product> Products(const Floats& kernel) {
  const int64_t height = kernel.dimension(0), width = kernel.dimension(1);
  const float* taps = kernel.data();
  const auto column = [&](int64_t j) {
    std::vector<float> values(height);
    for (int64_t i = 0; i < height; i++) values[i] = taps[i * width + j];
    return values;
  };
  const int64_t first = std::find_if(taps, taps + kernel.size(), [](float tap) { return tap != 0; }) - taps;
  if (first < kernel.size()) {
    const int64_t of_first = first % width;
    const float* row = taps + first - of_first;
    bool is_product = true;
    for (int64_t i = 0; i < kernel.size(); i++) {
      const double corner = taps[i / width * width + of_first];  // the products of two taps are exact in float64
      is_product &= static_cast<double>(taps[i]) * taps[first] == corner * row[i % width];
    }
    if (is_product) {
      Product product{column(of_first), std::vector<float>(row, row + width)};
      for (float& tap : product.columns) tap /= taps[first];
      return {product};
    }
  }
  std::vector<Product> products;
  for (int64_t j = 0; j < width; j++) {
    products.push_back({column(j), std::vector<float>(width, 0)});
    products[j].columns[j] = 1;
  }
  return products;
}

/** Values of a row of the result that lie one after the other and have the same terms. */
struct Run {
  int64_t first, count;
  Terms terms;

  bool IsContinuedBy(const Terms& next) const {
    return next.size() == terms.size() &&
           std::equal(next.begin(), next.end(), terms.begin(),
                      [&](const Term& a, const Term& b) { return a.weight == b.weight && a.from == b.from + count; });
  }
};

/** The filtering of images, first over their rows, then over the columns of what that gives. */
class Filtering {
 public:
  Filtering(const Floats& kernel, const Axis& rows, const Axis& columns, int64_t channels)
      : line_(columns.length * channels) {
    const std::vector<Product> products = Products(kernel);
    for (int64_t i = 0; i < rows.size; i++) {
      rows_.emplace_back(products.size());
      for (size_t p = 0; p < products.size(); p++) rows.AddTerms(products[p].rows, i, 0, line_, rows_[i][p]);
    }
    for (int64_t i = 0; i < columns.size; i++) {
      Terms terms;
      for (size_t p = 0; p < products.size(); p++) {
        columns.AddTerms(products[p].columns, i, p * line_, channels, terms);
      }
      if (!runs_.empty() && runs_.back().IsContinuedBy(terms)) {
        runs_.back().count += channels;
      } else {
        runs_.push_back({i * channels, channels, std::move(terms)});
      }
    }
    buffer_size_ = products.size() * line_;
  }

  /** Of the sums over rows. */
  int64_t buffer_size() const { return buffer_size_; }

  /** Computes row `i` of the result. */
  FOR_THIS_PROCESSOR
  void Row(int64_t i, const float* image, float* buffer, float* result) const {
    for (size_t p = 0; p < rows_[i].size(); p++) WeightedSum(rows_[i][p], line_, image, buffer + p * line_);
    for (const Run& run : runs_) WeightedSum(run.terms, run.count, buffer, result + run.first);
  }

 private:
  int64_t line_, buffer_size_;
  std::vector<std::vector<Terms>> rows_;
  std::vector<Run> runs_;
};

/** What is done to the images; pairs are of height and width. */
struct Resampling {
  /** Throws for attributes that the operation does not take. */
  explicit Resampling(const Attributes& attributes)
      : up(attributes.integer("up")),
        down(attributes.integer("down")),
        before(attributes.pair("before")),
        size(attributes.pair("size")),
        flip(attributes.integer("flip") != 0) {
    if (up < 1 || down < 1) throw std::runtime_error("the factors of a resampling must be 1 or more");
    if (size[0] < 0 || size[1] < 0) throw std::runtime_error("the size of images must not be negative");
  }

  int64_t up, down;
  std::array<int64_t, 2> before, size;
  bool flip;
};

struct Upfirdn2d {
  static const Declaration& declaration() {
    static const Declaration upfirdn2d{
        "DualpriorUpfirdn2d",
        {"up: int", "down: int", "before: list(int)", "size: list(int)", "flip: int"},
        {"x: float", "kernel: float"},
        {"y: float"},
        [](const InputShapes& inputs, const Attributes& attributes) {
          const Shape& x = inputs.OfRank(0, 4);
          inputs.OfRank(1, 2);
          const Resampling resampling(attributes);
          return std::vector<Shape>{{x[0], resampling.size[0], resampling.size[1], x[3]}};
        }};
    return upfirdn2d;
  }

  explicit Upfirdn2d(const Attributes& attributes) : resampling_(attributes) {}

  void Compute(const Execution& execution) const {
    const Floats &x = execution.input(0), &kernel = execution.input(1);
    const int64_t batch = x.dimension(0), channels = x.dimension(3);
    const Floats y = execution.output(0);
    if (y.size() == 0) return;
    const Resampling& r = resampling_;
    const auto axis = [&](int i) { return Axis{x.dimension(1 + i), r.up, r.down, r.before[i], r.size[i], r.flip}; };
    const Filtering filtering(kernel, axis(0), axis(1), channels);
    const int64_t rows = r.size[0], row = r.size[1] * channels, image = x.size() / batch;
    execution.ForParts(batch * rows, std::max<int64_t>(1, kGrain / row), [&](int64_t begin, int64_t end) {
      std::vector<float> buffer(filtering.buffer_size());
      for (int64_t i = begin; i < end; i++) {
        filtering.Row(i % rows, x.data() + i / rows * image, buffer.data(), y.data() + i * row);
      }
    });
  }

 private:
  const Resampling resampling_;
};

}  // namespace

void RegisterResamplingOperations() { Register<Upfirdn2d>(); }

}  // namespace dualprior
