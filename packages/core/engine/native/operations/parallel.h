#pragma once

#include <cstdint>
#include <functional>

/** Compiled for several processors; the loader takes the best. None of them fuses a product and a sum, so the digits are the same. */
#define FOR_THIS_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))

namespace dualprior {

/**
 * Calls `part(begin, end)` for parts that together are [0, count), on as many threads as TensorFlow has for an operation. Parts are whole
 * multiples of `grain` but for the last, and the same whatever the number of threads, so that sums over parts are the same too.
 */
void ForParts(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& part);

}  // namespace dualprior
