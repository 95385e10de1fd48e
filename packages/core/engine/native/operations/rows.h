#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "lanes.h"

namespace dualprior {

/** Rows of so many numbers that are worth a thread of their own. */
inline int64_t Grain(int64_t columns) { return std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, columns)); }

inline int64_t Parts(int64_t count, int64_t grain) { return (count + grain - 1) / grain; }

/** Sum over i of term(i), in lanes that the compiler makes vectors of. */
template <typename Term>
inline __attribute__((always_inline)) float Sum(int64_t count, Term term) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; lane++) lanes[lane] += term(i + lane);
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  for (; i < count; i++) sum += term(i);
  return sum;
}

/** Adds the rows of x to `sums`. */
void SumRows(int64_t rows, int64_t columns, const float* x, float* sums);

/** Sums of columns: each part of the rows has its own, which are added in their order, whatever thread was first. */
class PartialSums {
 public:
  PartialSums(int64_t parts, int64_t columns) : columns_(columns), sums_(std::max<int64_t>(1, parts) * columns, 0) {}

  float* of(int64_t part) { return sums_.data() + part * columns_; }

  /** The sums of the parts [first, last). */
  void Total(int64_t first, int64_t last, float* total) {
    std::fill(total, total + columns_, 0.0f);
    for (int64_t part = first; part < last; part++) {
      for (int64_t i = 0; i < columns_; i++) total[i] += sums_[part * columns_ + i];
    }
  }

  void Total(float* total) { Total(0, columns_ > 0 ? sums_.size() / columns_ : 0, total); }

 private:
  int64_t columns_;
  std::vector<float> sums_;
};

}  // namespace dualprior
