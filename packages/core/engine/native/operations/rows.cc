#include "rows.h"

#include "processor.h"

namespace dualprior {

FOR_THIS_PROCESSOR
void SumRows(int64_t rows, int64_t columns, const float* __restrict x, float* __restrict sums) {
  for (int64_t r = 0; r < rows; r++, x += columns) {
    for (int64_t i = 0; i < columns; i++) sums[i] += x[i];
  }
}

}  // namespace dualprior
